"""Incremental exports of DynamoDB's, into the undos' bucket."""

from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing, message_of, refused_if_final
from pitr_guardian.aws.rights import needs, passes_on
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.basics.instants import iso
from pitr_guardian.exports.ports import (
    ExportState,
    HistoryGoneError,
    TokenTakenError,
    TooManyExportsError,
    WindowClosedError,
)
from pitr_guardian.exports.window import ExportWindow
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import ExportDescriptionTypeDef

_GUIDE = (
    "DynamoDB writes an export's files in its caller's name (developer guide, Requesting a table "
    "export in DynamoDB)"
)


class DynamoExports:
    """``exports.ports.Exports`` and ``ExportStates``; DynamoDB takes a bucket of any region."""

    def __init__(self, client_for: ClientFor, bucket: str, owner: str, key_arn: str) -> None:
        """Take the door to DynamoDB, the bucket, whose it is, and its KMS key; empty for none."""
        self._client_for = client_for
        self._bucket = bucket
        self._owner = owner
        self._encryption: Any = (
            {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": key_arn}
            if key_arn
            else {"S3SseAlgorithm": "AES256"}
        )

    @needs("dynamodb:ExportTableToPointInTime", on="table")
    @passes_on("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload", on="undos", why=_GUIDE)
    @refused_if_final()
    def start(self, table: TableRef, window: ExportWindow, token: str, prefix: str) -> str:
        """See ``exports.ports.Exports``.

        A token is good for 8 hours, and whoever asks again has asked for the first time within
        them: the workflow tries no longer than that.
        """
        client = self._client_for(table)
        known = client.exceptions
        try:
            with later_if_passing():
                try:
                    started = client.export_table_to_point_in_time(
                        TableArn=table.arn,
                        ClientToken=token,
                        S3Bucket=self._bucket,
                        S3BucketOwner=self._owner,
                        S3Prefix=prefix,
                        **self._encryption,
                        ExportFormat="DYNAMODB_JSON",
                        ExportType="INCREMENTAL_EXPORT",
                        IncrementalExportSpecification={
                            "ExportFromTime": window.from_,
                            "ExportToTime": window.to,
                            "ExportViewType": "NEW_AND_OLD_IMAGES",
                        },
                    )
                except known.LimitExceededException as error:
                    raise TooManyExportsError(message_of(error)) from error
        except known.InvalidExportTimeException as error:
            raise WindowClosedError(
                f"AWS doesn't export {table.name} from {iso(window.from_)} to {iso(window.to)}: "
                f"{message_of(error)}"
            ) from error
        except (
            known.TableNotFoundException,
            known.PointInTimeRecoveryUnavailableException,
        ) as error:
            raise HistoryGoneError(
                f"the history of {table.name} can't be read any more: {message_of(error)}"
            ) from error
        except known.ExportConflictException as error:
            found = self._found(client, table, window, prefix)
            if found is None:
                raise TokenTakenError(message_of(error)) from error
            return found
        return started["ExportDescription"]["ExportArn"]

    @needs("dynamodb:DescribeExport", on="export")
    @refused_if_final()
    @later_if_passing()
    def describe(self, arn: str) -> ExportState:
        """See ``exports.ports.Exports``."""
        client = self._client_for(TableRef.from_arn(arn.partition("/export/")[0]))
        told = client.describe_export(ExportArn=arn)["ExportDescription"]
        status = told["ExportStatus"]
        failure = f"{told.get('FailureCode')}: {told.get('FailureMessage')}"
        return ExportState(
            arn,
            status,
            manifest=told.get("ExportManifest"),
            items=told.get("ItemCount", 0),
            bytes=told.get("BilledSizeBytes", 0),
            failure=failure if status == "FAILED" else None,
        )

    @needs("dynamodb:ListExports", on="table")
    @needs("dynamodb:DescribeExport", on="export")
    @later_if_passing()
    def _found(
        self, client: "DynamoDBClient", table: TableRef, window: ExportWindow, prefix: str
    ) -> str | None:
        """Find the export of this window and prefix that isn't FAILED."""
        after: Any = {}
        while True:
            page = client.list_exports(TableArn=table.arn, **after)
            for each in page["ExportSummaries"]:
                if (
                    each.get("ExportType") != "INCREMENTAL_EXPORT"
                    or each["ExportStatus"] == "FAILED"
                ):
                    continue
                arn = each["ExportArn"]
                told = client.describe_export(ExportArn=arn)["ExportDescription"]
                if self._is_of(told, window, prefix):
                    return arn
            if "NextToken" not in page:
                return None
            after = {"NextToken": page["NextToken"]}

    def _is_of(self, told: "ExportDescriptionTypeDef", window: ExportWindow, prefix: str) -> bool:
        asked = told.get("IncrementalExportSpecification", {})
        return (
            told.get("S3Bucket") == self._bucket
            and told.get("S3Prefix") == prefix
            and asked.get("ExportFromTime") == window.from_
            and asked.get("ExportToTime") == window.to
        )

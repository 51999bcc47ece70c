"""Exports of DynamoDB's, into a bucket of ours."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from pitr_guardian.aws.errors import later_if_passing, message_of, refused_if_final
from pitr_guardian.aws.exports.values import on_the_wire
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
from pitr_guardian.exports.record import Item
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
    """``exports.ports.KeyedExports`` and ``ExportStates``; a bucket of any region will do."""

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

    def start(self, table: TableRef, window: ExportWindow, token: str, prefix: str) -> str:
        """See ``exports.ports.Exports``.

        A token is good for 8 hours, and whoever asks again has asked for the first time within
        them: the workflow tries no longer than that.
        """
        return self._start(table, _incremental(window), token, prefix)

    def start_of_key(
        self, table: TableRef, window: ExportWindow, key: Item, token: str, prefix: str
    ) -> str:
        """See ``exports.ports.KeyedExports``."""
        return self._start(table, _incremental(window) | _of_key(key), token, prefix)

    def start_at(self, table: TableRef, at: datetime, key: Item, token: str, prefix: str) -> str:
        """See ``exports.ports.KeyedExports``."""
        full = {"ExportType": "FULL_EXPORT", "ExportTime": at}
        return self._start(table, full | _of_key(key), token, prefix)

    @needs("dynamodb:ExportTableToPointInTime", on="table")
    @passes_on("s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload", on="undos", why=_GUIDE)
    @refused_if_final()
    def _start(self, table: TableRef, asked: dict[str, Any], token: str, prefix: str) -> str:
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
                        **asked,
                    )
                except known.LimitExceededException as error:
                    raise TooManyExportsError(message_of(error)) from error
        except known.InvalidExportTimeException as error:
            raise WindowClosedError(
                f"AWS doesn't export {table.name} {_spoken(asked)}: {message_of(error)}"
            ) from error
        except (
            known.TableNotFoundException,
            known.PointInTimeRecoveryUnavailableException,
        ) as error:
            raise HistoryGoneError(
                f"the history of {table.name} can't be read any more: {message_of(error)}"
            ) from error
        except known.ExportConflictException as error:
            found = self._found(client, table, asked, prefix)
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
        self, client: "DynamoDBClient", table: TableRef, asked: dict[str, Any], prefix: str
    ) -> str | None:
        """Find the export of this time and prefix that isn't FAILED."""
        after: Any = {}
        while True:
            page = client.list_exports(TableArn=table.arn, **after)
            for each in page["ExportSummaries"]:
                if (
                    each.get("ExportType") != asked["ExportType"]
                    or each["ExportStatus"] == "FAILED"
                ):
                    continue
                arn = each["ExportArn"]
                told = client.describe_export(ExportArn=arn)["ExportDescription"]
                if self._is_of(told, asked, prefix):
                    return arn
            if "NextToken" not in page:
                return None
            after = {"NextToken": page["NextToken"]}

    def _is_of(self, told: "ExportDescriptionTypeDef", asked: dict[str, Any], prefix: str) -> bool:
        return (
            told.get("S3Bucket") == self._bucket
            and told.get("S3Prefix") == prefix
            and _time(cast("dict[str, Any]", told)) == _time(asked)
        )


def _incremental(window: ExportWindow) -> dict[str, Any]:
    return {
        "ExportType": "INCREMENTAL_EXPORT",
        "IncrementalExportSpecification": {
            "ExportFromTime": window.from_,
            "ExportToTime": window.to,
            "ExportViewType": "NEW_AND_OLD_IMAGES",
        },
    }


def _of_key(key: Item) -> dict[str, Any]:
    """Only what has this key, or these values of it (API reference, ``FilterSpecification``)."""
    names = {f"#k{number}": name for number, name in enumerate(key)}
    wire = on_the_wire(key)
    return {
        "FilterSpecification": {
            "KeyConditionExpression": " AND ".join(f"{each} = :{each[1:]}" for each in names),
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": {f":{each[1:]}": wire[names[each]] for each in names},
        }
    }


def _time(asked: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells exports of one prefix apart."""
    window = asked.get("IncrementalExportSpecification", {})
    return asked.get("ExportTime"), window.get("ExportFromTime"), window.get("ExportToTime")


def _spoken(asked: Mapping[str, Any]) -> str:
    at, from_, to = _time(asked)
    return f"as of {iso(at)}" if at else f"from {iso(from_)} to {iso(to)}"

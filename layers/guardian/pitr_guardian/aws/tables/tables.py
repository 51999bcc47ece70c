"""DynamoDB's control plane: looking at tables and switching PITR on."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import (
    NOT_FOUND,
    code_of,
    later_if_passing,
    refused_if_final,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.ahead import (
    Ahead,
    when_wanted,
)
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
    Window,
)
from pitr_guardian.tables.reference import Place, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ClientFor = Callable[[Place], "DynamoDBClient"]


_PRESENCE = {
    "CREATING": Presence.NOT_READY,
    "DELETING": Presence.GOING,
    "ARCHIVING": Presence.GOING,
    "ARCHIVED": Presence.GOING,
}


class DynamoTables:
    """``drift.ports.Tables`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, ahead: Ahead = when_wanted) -> None:
        """Take the door to DynamoDB, a client for a place; and whether to ask it ahead."""
        self._client_for = client_for
        self._ahead = ahead

    @needs("dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", on="table")
    @refused_if_final()
    def observe(self, table: TableRef) -> Observed:
        """See ``drift.ports.Tables``. Three calls for a table that is ready.

        For any other it is one, unless the other two were made ahead, in vain.
        """
        client = self._client_for(table)
        backups_of = self._ahead(lambda: client.describe_continuous_backups(TableName=table.arn))
        tags_now = self._ahead(lambda: tags_of(client, table))
        try:
            with later_if_passing():
                description = client.describe_table(TableName=table.arn)["Table"]
        except ClientError as error:
            if code_of(error) in NOT_FOUND:
                return Observed(Presence.GONE, "gone")
            raise
        status = description.get("TableStatus", "unknown")
        presence = _PRESENCE.get(status, Presence.READY)
        if presence is not Presence.READY:
            archive = description.get("ArchivalSummary", {})
            return Observed(presence, status, archival_backup=archive.get("ArchivalBackupArn"))
        # What can be described isn't gone: it is only just coming, or just going, and the next
        # look will tell.
        with later_if_passing(*NOT_FOUND):
            backups, tags = backups_of(), tags_now()
        switch = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        created_at = description.get("CreationDateTime")
        return Observed(
            presence,
            status,
            table_id=description.get("TableId"),
            created_at=created_at.astimezone(UTC) if created_at else None,
            pitr_on=switch.get("PointInTimeRecoveryStatus") == "ENABLED",
            period=switch.get("RecoveryPeriodInDays"),
            window=window_of(switch),
            tags=tags,
            has_key=has_key(description),
        )

    @needs("dynamodb:TagResource", on="table")
    def tag(self, table: TableRef, tags: Mapping[str, str]) -> None:
        """See ``drift.ports.Tables``."""
        with later_if_passing("ResourceInUseException"):
            self._client_for(table).tag_resource(
                ResourceArn=table.arn,
                Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            )

    @needs("dynamodb:UpdateContinuousBackups", on="table")
    def enable(self, table: TableRef, period: int) -> Window | None:
        """See ``drift.ports.Tables``. Always names the period: none named may mean another one."""
        # Both codes mean "not yet" for a young table. For one that is gone since, the next look
        # will tell.
        with later_if_passing("ContinuousBackupsUnavailableException", "TableNotFoundException"):
            answer = self._client_for(table).update_continuous_backups(
                TableName=table.arn,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": period,
                },
            )
        return window_of(
            answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        )


@needs("dynamodb:ListTagsOfResource", on="table")
def tags_of(client: "DynamoDBClient", table: TableRef) -> dict[str, str]:
    """List a table's tags."""
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=table.arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page.get("Tags", [])}


def has_key(description: Any) -> bool:
    """Tell whether a KMS key encrypts a described table; the key that DynamoDB owns isn't named."""
    return (description.get("SSEDescription") or {}).get("KMSMasterKeyArn") is not None


def window_of(switch: Any) -> Window | None:
    """Read the window from a ``PointInTimeRecoveryDescription``; None where it has none."""
    earliest = switch.get("EarliestRestorableDateTime")
    latest = switch.get("LatestRestorableDateTime")
    if earliest is None or latest is None:
        return None
    return Window(earliest.astimezone(UTC), latest.astimezone(UTC))

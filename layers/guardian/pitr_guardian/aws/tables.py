"""DynamoDB's control plane: looking at tables and switching PITR on."""

from collections.abc import Callable
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from pitr_guardian.aws.errors import code_of, later_if_passing
from pitr_guardian.observation import Observed, Presence, Window
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ClientFor = Callable[[str], "DynamoDBClient"]

_NOT_FOUND = frozenset({"ResourceNotFoundException", "TableNotFoundException"})
_PRESENCE = {
    "CREATING": Presence.NOT_READY,
    "DELETING": Presence.GOING,
    "ARCHIVING": Presence.GOING,
    "ARCHIVED": Presence.GOING,
}


class DynamoTables:
    """``ports.Tables`` on DynamoDB."""

    def __init__(self, client_for: ClientFor) -> None:
        """Take the door to DynamoDB: a client for a region."""
        self._client_for = client_for

    def observe(self, table: TableRef) -> Observed:
        """See ``ports.Tables``. Three calls for a table that is ready, one for any other."""
        client = self._client_for(table.region)
        try:
            with later_if_passing():
                description = client.describe_table(TableName=table.arn)["Table"]
                status = description.get("TableStatus", "unknown")
                presence = _PRESENCE.get(status, Presence.READY)
                if presence is not Presence.READY:
                    return Observed(presence, status)
                backups = client.describe_continuous_backups(TableName=table.arn)
                tags = _tags(client, table)
        except ClientError as error:
            if code_of(error) in _NOT_FOUND:
                return Observed(Presence.GONE, "gone")
            raise
        switch = backups["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        created_at = description.get("CreationDateTime")
        return Observed(
            presence,
            status,
            table_id=description.get("TableId"),
            created_at=created_at.astimezone(UTC) if created_at else None,
            pitr_on=switch.get("PointInTimeRecoveryStatus") == "ENABLED",
            period=switch.get("RecoveryPeriodInDays"),
            window=_window(switch),
            tags=tags,
        )

    def enable(self, table: TableRef, period: int) -> Window | None:
        """See ``ports.Tables``. Always names the period: none named may mean another one."""
        # Both codes mean "not yet" for a young table. For one that is gone since, the next look
        # will tell.
        with later_if_passing("ContinuousBackupsUnavailableException", "TableNotFoundException"):
            answer = self._client_for(table.region).update_continuous_backups(
                TableName=table.arn,
                PointInTimeRecoverySpecification={
                    "PointInTimeRecoveryEnabled": True,
                    "RecoveryPeriodInDays": period,
                },
            )
        return _window(
            answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
        )


def _tags(client: "DynamoDBClient", table: TableRef) -> dict[str, str]:
    tags: dict[str, str] = {}
    token: str | None = None
    while True:
        page = client.list_tags_of_resource(
            ResourceArn=table.arn, **({"NextToken": token} if token else {})
        )
        tags.update((tag["Key"], tag["Value"]) for tag in page.get("Tags", []))
        token = page.get("NextToken")
        if not token:
            return tags


def _window(switch: Any) -> Window | None:
    earliest = switch.get("EarliestRestorableDateTime")
    latest = switch.get("LatestRestorableDateTime")
    if earliest is None or latest is None:
        return None
    return Window(earliest.astimezone(UTC), latest.astimezone(UTC))

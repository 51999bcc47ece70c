"""What the ledger remembers of tables, to read."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.ledger.items import (
    MEMORY,
    former,
    key_of,
)
from pitr_guardian.aws.ledger.memory import memory_from
from pitr_guardian.aws.rights import needs
from pitr_guardian.drift.memory import Memory
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoRecollection:
    """``tables.ports.Recollection`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    def recall(
        self, table: TableRef, table_id: str | None, born_at: datetime | None = None
    ) -> Memory:
        """See ``tables.ports.Recollection``."""
        return recalled(self._client, self._name, table, table_id, born_at)


def recalled(
    client: "DynamoDBClient",
    name: str,
    table: TableRef,
    table_id: str | None,
    born_at: datetime | None,
) -> Memory:
    """Recall a table; ``name`` is the ledger's, the rest as of ``tables.ports.Recollection``."""
    held = memory_from(record_of(client, name, table, MEMORY))
    if table_id is not None and not held.is_of(table_id, born_at):
        held = memory_from(record_of(client, name, table, former(table_id)))
    return held.of(table_id, born_at)


@needs("dynamodb:GetItem", on="ledger")
def record_of(
    client: "DynamoDBClient", name: str, table: TableRef, record: str
) -> Mapping[str, Any]:
    """Read one of a table's records, as DynamoDB gives it; empty where there is none."""
    answer = client.get_item(TableName=name, Key=key_of(table, record), ConsistentRead=True)
    return answer.get("Item", {})

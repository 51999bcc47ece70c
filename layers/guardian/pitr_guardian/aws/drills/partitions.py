"""Items of one partition of a live table, for a small drill."""

from collections.abc import Iterator
from typing import Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.exports.values import on_the_wire, read_off_the_wire
from pitr_guardian.aws.patience import Sleep, waited_out
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.reference import TableRef


class DynamoPartitions:
    """``drills.proof.ports.AnyItem`` and ``PartitionItems`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, sleep: Sleep) -> None:
        """Take the door to DynamoDB, a client for a place, and what waits so many seconds."""
        self._client_for = client_for
        self._sleep = sleep

    @refused_if_final()
    def item_in(self, table: TableRef, segment: int, of: int) -> Item | None:
        """See ``drills.proof.ports.AnyItem``."""
        return waited_out(lambda: self._first(table, segment, of), self._sleep)

    @needs("dynamodb:Scan", on="table")
    def _first(self, table: TableRef, segment: int, of: int) -> Item | None:
        with later_if_passing():
            answer = self._client_for(table).scan(
                TableName=table.arn, Segment=segment, TotalSegments=of, Limit=1
            )
        return read_off_the_wire(answer["Items"][0]) if answer["Items"] else None

    def partition(self, table: TableRef, key: Item) -> Iterator[Item]:
        """See ``drills.proof.ports.PartitionItems``."""
        after: Any = {}
        while True:
            answer = self._page(table, key, after)
            yield from map(read_off_the_wire, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            after = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    @refused_if_final()
    def _page(self, table: TableRef, key: Item, after: Any) -> Any:
        return waited_out(lambda: self._queried(table, key, after), self._sleep)

    @needs("dynamodb:Query", on="table")
    def _queried(self, table: TableRef, key: Item, after: Any) -> Any:
        [(name, value)] = on_the_wire(key).items()
        with later_if_passing():
            return self._client_for(table).query(
                TableName=table.arn,
                KeyConditionExpression="#partition = :value",
                ExpressionAttributeNames={"#partition": name},
                ExpressionAttributeValues={":value": value},
                ConsistentRead=True,
                **after,
            )

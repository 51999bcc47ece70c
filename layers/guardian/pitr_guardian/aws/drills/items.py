"""Items of live tables and of their copies, read for a proof."""

from collections.abc import Sequence
from typing import Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.exports.items import DynamoReads
from pitr_guardian.aws.exports.values import on_the_wire, read_off_the_wire
from pitr_guardian.aws.patience import Sleep, waited_out
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.drills.proof.ports import Page
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.reference import TableRef


class DynamoTableItems:
    """``drills.proof.ports.TableItems`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, sleep: Sleep) -> None:
        """Take the door to DynamoDB, a client for a place, and what waits so many seconds."""
        self._client_for = client_for
        self._sleep = sleep

    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """See ``drills.proof.ports.ReadableItems``."""
        return DynamoReads(self._client_for, self._sleep).read(table, keys)

    @refused_if_final()
    def page(
        self, table: TableRef, segment: int, of: int, after: Item | None, most: int | None
    ) -> Page:
        """See ``drills.proof.ports.TableItems``."""
        return waited_out(lambda: self._page(table, segment, of, after, most), self._sleep)

    @needs("dynamodb:Scan", on="table")
    def _page(
        self, table: TableRef, segment: int, of: int, after: Item | None, most: int | None
    ) -> Page:
        asked: dict[str, Any] = {} if most is None else {"Limit": most}
        if after is not None:
            asked["ExclusiveStartKey"] = on_the_wire(after)
        with later_if_passing():
            answer = self._client_for(table).scan(
                TableName=table.arn,
                Segment=segment,
                TotalSegments=of,
                ConsistentRead=True,
                **asked,
            )
        last = answer.get("LastEvaluatedKey")
        items = [read_off_the_wire(item) for item in answer["Items"]]
        return Page(items, read_off_the_wire(last) if last else None)

"""Items of tables, read as they are."""

from collections.abc import Sequence
from typing import Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.exports.values import on_the_wire, read_off_the_wire
from pitr_guardian.aws.patience import Sleep, waited_out
from pitr_guardian.aws.rights import needs
from pitr_guardian.aws.tables.tables import ClientFor
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text
from pitr_guardian.tables.reference import TableRef

_MOST_KEYS = 100
"""Of one BatchGetItem (API reference)."""


class DynamoReads:
    """``undo.ports.LiveItems`` on DynamoDB."""

    def __init__(self, client_for: ClientFor, sleep: Sleep) -> None:
        """Take the door to DynamoDB, a client for a place, and what waits so many seconds."""
        self._client_for = client_for
        self._sleep = sleep

    @refused_if_final()
    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """See ``undo.ports.LiveItems``."""
        found: dict[str, Item] = {}
        for begin in range(0, len(keys), _MOST_KEYS):
            found |= self._batch(table, keys[begin : begin + _MOST_KEYS])
        return [found.get(_text(key)) for key in keys]

    @needs("dynamodb:BatchGetItem", on="table")
    def _batch(self, table: TableRef, keys: Sequence[Item]) -> dict[str, Item]:
        client = self._client_for(table)
        names = tuple(keys[0])
        # The same key twice in a batch is an error (API reference, BatchGetItem).
        left: list[Any] = [on_the_wire(key) for key in {_text(key): key for key in keys}.values()]
        found: dict[str, Item] = {}

        def ask() -> None:
            nonlocal left
            with later_if_passing():
                answer = client.batch_get_item(
                    RequestItems={table.arn: {"Keys": left, "ConsistentRead": True}}
                )
            for [item] in ([each] for items in answer["Responses"].values() for each in items):
                read = read_off_the_wire(item)
                found[_text({name: read[name] for name in names})] = read
            [unread] = answer.get("UnprocessedKeys", {}).values() or [{"Keys": []}]
            left = unread["Keys"]
            if left:
                raise TryLaterError(f"{table.name}: {len(left)} items couldn't be read just now")

        waited_out(ask, self._sleep)
        return found


def _text(key: Item) -> str:
    return key_text(key, sorted(key))

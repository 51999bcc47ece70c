"""A table's items in memory, with the conditional writes that undos send."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Sequence

from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text, same
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.ports import ConditionFailedError, Written
from pitr_guardian.undo.writes import Write

KEY = Key(partition=KeyAttribute(name="id", type="S"))

_TERM = re.compile(
    r"attribute_(?P<function>not_exists|exists)\((?P<of>#\w+)\)|(?P<name>#\w+) = (?P<value>:\w+)"
)


def _nothing(write: Write) -> None:
    pass


def _no_change(key: Item, item: Item | None) -> None:
    pass


class FakeItems:
    """``undo.ports.WritableItems`` of one table in memory."""

    def __init__(self, items: Iterable[Item] = (), key: Key = KEY) -> None:
        self.key = key
        self._items = {self._at(item): copy.deepcopy(item) for item in items}
        self.writes: list[Write] = []
        """The writes that were done."""
        self.before_write: Callable[[Write], None] = _nothing
        """What others do just before a write takes effect."""
        self.after_write: Callable[[Write], None] = _nothing
        """And just after it, before its answer is there."""
        self.on_change: Callable[[Item, Item | None], None] = _no_change
        """Told of each change: the key or item, and the item from now on."""
        self.reads = 0

    def read(self, table: TableRef, keys: Sequence[Item]) -> list[Item | None]:
        self.reads += len(keys)
        return [self[key] for key in keys]

    def write(self, table: TableRef, write: Write) -> Written:
        self.before_write(write)
        found = self[write.key]
        if not all(self._holds(term, write, found) for term in write.condition.split(" AND ")):
            raise ConditionFailedError(found, 1)
        self.writes.append(write)
        if write.kind == "put":
            assert write.item is not None
            self.put(write.item)
        elif write.kind == "delete":
            self.delete(write.key)
        else:
            self.put(self._updated(write, found or write.key))
        self.after_write(write)
        return Written(found, 1)

    def __getitem__(self, key: Item) -> Item | None:
        return copy.deepcopy(self._items.get(self._at(key)))

    @property
    def all(self) -> list[Item]:
        """Every item, in the order of the keys."""
        return [item for _, item in sorted(self._items.items())]

    def put(self, item: Item) -> None:
        self._items[self._at(item)] = copy.deepcopy(item)
        self.on_change(item, copy.deepcopy(item))

    def delete(self, key: Item) -> None:
        self._items.pop(self._at(key), None)
        self.on_change(key, None)

    def _at(self, key: Item) -> str:
        return key_text(key, self.key.names)

    def _holds(self, term: str, write: Write, found: Item | None) -> bool:
        match = _TERM.fullmatch(term)
        assert match, term
        item = found or {}
        if match["function"]:
            return (write.names[match["of"]] in item) == (match["function"] == "exists")
        value = item.get(write.names[match["name"]])
        return value is not None and same(value, write.values[match["value"]])

    def _updated(self, write: Write, found: Item) -> Item:
        clauses = re.fullmatch(
            r"(?:SET (?P<set>.+?))? ?(?:REMOVE (?P<remove>.+))?", write.update or ""
        )
        assert clauses, write.update
        item = dict(found)
        for each in (clauses["set"] or "").split(", ") if clauses["set"] else []:
            name, _, value = each.partition(" = ")
            item[write.names[name]] = write.values[value]
        for name in clauses["remove"].split(", ") if clauses["remove"] else []:
            item.pop(write.names[name], None)
        assert not {write.names[n] for n in write.names} & set(self.key.names) - {
            self.key.partition.name
        }
        return item

"""Every table's items at every past second."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from localcloud.clock import Clock
from localcloud.ministack.internals import Items
from localcloud.wire import Json

type Key = tuple[Any, Any]
"""Partition key value and sort key value."""


@dataclass(frozen=True)
class _Change:
    at: datetime
    key: Key
    image: Json | None
    """The item as written; None: deleted."""


@dataclass
class _History:
    base: dict[Key, Json]
    """The items before the first change."""
    changes: list[_Change] = field(default_factory=list)


class Journal:
    """Writes down each change of an item, by the table's id: a later table of the same name is
    another table."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._histories: dict[str, _History] = {}
        self._lock = threading.RLock()

    def before_change(self, table: Json) -> None:
        """Take a table's items for its base, the first time one of them is about to change."""
        with self._lock:
            if table["TableId"] not in self._histories:
                base = {key: copy.deepcopy(item) for key, item in _flat(table["items"])}
                self._histories[table["TableId"]] = _History(base)

    def changed(self, table: Json, key: Key, image: Json | None) -> None:
        """An item was written, or deleted where there is no image."""
        change = _Change(self._clock.now(), key, copy.deepcopy(image))
        with self._lock:
            self._histories[table["TableId"]].changes.append(change)

    def replaced(self, table: Json) -> None:
        """All items were exchanged: a table was filled, or a PartiQL transaction rolled back."""
        with self._lock:
            known = self._histories.get(table["TableId"])
            if known is None:
                self.before_change(table)
                return
            after = dict(_flat(table["items"]))
            before = self._replayed(known, self._clock.now())
            for key in before.keys() | after.keys():
                if before.get(key) != after.get(key):
                    self.changed(table, key, after.get(key))

    def older(self, table_id: str, by: timedelta) -> None:
        """All of a table's changes so far were made so much earlier."""
        with self._lock:
            if history := self._histories.get(table_id):
                history.changes = [replace(change, at=change.at - by) for change in history.changes]

    def items_at(self, table_id: str, at: datetime, current: Items | None = None) -> Items:
        """The items as they were at that instant, writes of that very instant included.

        `current`: the items now; they are the answer for a table that never changed.
        """
        with self._lock:
            history = self._histories.get(table_id)
            if history is None:
                return copy.deepcopy(current or {})
            items: Items = {}
            for (pk, sk), item in self._replayed(history, at).items():
                items.setdefault(pk, {})[sk] = copy.deepcopy(item)
            return items

    @staticmethod
    def _replayed(history: _History, at: datetime) -> dict[Key, Json]:
        items = dict(history.base)
        for change in history.changes:
            if change.at > at:
                break
            if change.image is None:
                items.pop(change.key, None)
            else:
                items[change.key] = change.image
        return items


def _flat(items: Items) -> Iterator[tuple[Key, Json]]:
    for pk, by_sort_key in items.items():
        for sk, item in by_sort_key.items():
            yield (pk, sk), item

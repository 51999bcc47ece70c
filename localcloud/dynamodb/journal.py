"""Every table's items at every past second."""

from __future__ import annotations

import contextlib
import copy
import itertools
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
    call: int
    """The number of the call that did it; 0: nobody's call, as when an item expires."""
    caller: str = ""


@dataclass(frozen=True)
class ItemWrite:
    """One write of one item, by the ARN of whoever made it; empty: nobody, as when it expired."""

    at: datetime
    caller: str
    before: Json | None
    """The item just before; None: there was none."""
    after: Json | None
    """The item as written; None: deleted."""


@dataclass(frozen=True)
class Written:
    """An item that was written within a window of time, at least once."""

    old: Json | None
    """The item just before the window; None: there was none."""
    new: Json | None
    """The item at the window's end; None: there is none."""
    at: datetime
    """Its last write in the window."""


@dataclass
class _History:
    base: dict[Key, Json]
    """The items before the first change."""
    changes: list[_Change] = field(default_factory=list)


class _Call(threading.local):
    """The call that this thread is carrying out."""

    number: int = 0
    at: datetime | None = None
    caller: str = ""


class Journal:
    """Writes down each change of an item, by the table's id: a later table of the same name is
    another table."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._histories: dict[str, _History] = {}
        self._lock = threading.RLock()
        self._call = _Call()
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def one_call(self, caller: str) -> Iterator[None]:
        """Let all changes of the block be of one instant, as those of a transaction are, and of one
        caller."""
        call = self._call
        call.number, call.at, call.caller = next(self._numbers), self._clock.now(), caller
        try:
            yield
        finally:
            call.number, call.at, call.caller = 0, None, ""

    def before_change(self, table: Json) -> None:
        """Take a table's items for its base, the first time one of them is about to change."""
        with self._lock:
            if table["TableId"] not in self._histories:
                base = {key: copy.deepcopy(item) for key, item in _flat(table["items"])}
                self._histories[table["TableId"]] = _History(base)

    def changed(self, table: Json, key: Key, image: Json | None) -> None:
        """An item was written, or deleted where there is no image."""
        now = self._call.at or self._clock.now()
        with self._lock:
            changes = self._histories[table["TableId"]].changes
            at = max(now, changes[-1].at) if changes else now  # they are kept in order
            call = self._call
            changes.append(_Change(at, key, copy.deepcopy(image), call.number, call.caller))

    def replaced(self, table: Json) -> None:
        """All items were exchanged: a table was filled, or a PartiQL transaction rolled back."""
        with self._lock:
            known = self._histories.get(table["TableId"])
            if known is None:
                self.before_change(table)
                return
            if call := self._call.number:
                # What this call wrote so far is rolled back: it never was.
                known.changes = [change for change in known.changes if change.call != call]
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

    def written(self, table_id: str, since: datetime, until: datetime) -> list[Written]:
        """The items written from `since`, included, to `until`, not included.

        Don't change the images.
        """
        with self._lock:
            history = self._histories.get(table_id)
            if history is None:
                return []
            items, before = dict(history.base), dict[Key, Json | None]()
            last = dict[Key, datetime]()
            for change in history.changes:
                if change.at >= until:
                    break
                if change.at >= since:
                    before.setdefault(change.key, items.get(change.key))
                    last[change.key] = change.at
                _apply(change, items)
            return [Written(old, items.get(key), last[key]) for key, old in before.items()]

    def writes(self, table_id: str) -> list[ItemWrite]:
        """Every write of the table's items, in their order. Don't change the images."""
        with self._lock:
            history = self._histories.get(table_id)
            items, writes = dict(history.base if history else {}), list[ItemWrite]()
            for change in history.changes if history else ():
                before = items.get(change.key)
                writes.append(ItemWrite(change.at, change.caller, before, change.image))
                _apply(change, items)
            return writes

    @staticmethod
    def _replayed(history: _History, at: datetime) -> dict[Key, Json]:
        items = dict(history.base)
        for change in history.changes:
            if change.at > at:
                break
            _apply(change, items)
        return items


def _apply(change: _Change, items: dict[Key, Json]) -> None:
    if change.image is None:
        items.pop(change.key, None)
    else:
        items[change.key] = change.image


def _flat(items: Items) -> Iterator[tuple[Key, Json]]:
    for pk, by_sort_key in items.items():
        for sk, item in by_sort_key.items():
            yield (pk, sk), item

"""Incremental exports as AWS makes them: one record a key, files, manifests; in memory."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from pitr_guardian.exports.ports import ExportState, WindowClosedError
from pitr_guardian.exports.record import Change, Item
from pitr_guardian.exports.values import key_text, same, same_item
from pitr_guardian.exports.window import ExportWindow
from pitr_guardian.tables.observation import Switch
from pitr_guardian.tables.reference import TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.items import FakeItems
from tests.fakes.objects import FakeObjects
from tests.fakes.tables import FakeTables

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(instant: datetime) -> int:
    """An instant as ``WriteTimestampMicros`` has it."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def exported(
    key: Item,
    writes: Sequence[tuple[datetime, Item | None]],
    window: ExportWindow,
    *,
    names_unchanged: bool = True,
) -> Change | None:
    """What an export says of an item with this history; None where it doesn't name it.

    ``names_unchanged``: whether it names what was written and is as before. Nobody says whether AWS
    does.
    """
    within = [when for when, _ in writes if window.from_ <= when < window.to]
    if not within:
        return None
    old, new = (_before(writes, instant) for instant in (window.from_, window.to))
    if old is None and new is None:
        return None
    if not names_unchanged and same_item(old, new):
        return None
    return Change(key, old, new, micros(within[-1]))


def _before(writes: Sequence[tuple[datetime, Item | None]], instant: datetime) -> Item | None:
    before = [item for when, item in writes if when < instant]
    return before[-1] if before else None


class FakeHistory:
    """One table's items, every change of which is remembered with its time."""

    def __init__(self, clock: FakeClock, items: FakeItems) -> None:
        self._clock = clock
        self._items = items
        self._writes: dict[str, tuple[Item, list[tuple[datetime, Item | None]]]] = {}
        self.names_unchanged = True
        items.on_change = self._note

    def _note(self, key: Item, item: Item | None) -> None:
        of_key = {name: key[name] for name in self._items.key.names}
        text = key_text(key, self._items.key.names)
        self._writes.setdefault(text, (of_key, []))[1].append((self._clock(), item))

    def export(self, window: ExportWindow) -> list[Change]:
        """What an export of this table tells, in no particular order."""
        changes = (
            exported(key, writes, window, names_unchanged=self.names_unchanged)
            for key, writes in self._writes.values()
        )
        return [change for change in changes if change is not None]

    def items_at(self, instant: datetime) -> list[Item]:
        """The items as they were at an instant."""
        states = (_before(writes, instant) for _, writes in self._writes.values())
        return [item for item in states if item is not None]


class FakeExports:
    """``exports.ports.KeyedExports`` and ``History`` over a table in memory, with AWS's files."""

    def __init__(
        self, clock: FakeClock, tables: FakeTables, history: FakeHistory, objects: FakeObjects
    ) -> None:
        self._clock = clock
        self._tables = tables
        self._history = history
        self._objects = objects
        self._by_token: dict[str, str] = {}
        self.started: dict[str, tuple[ExportWindow, str]] = {}
        self.keys: dict[str, Item] = {}
        """Of exports of one key, or a part of it."""
        self.full: set[str] = set()
        """Those of the end of their window, not of the window."""
        self.refusal: Exception | None = None
        self.failures: dict[str, str] = {}
        """By the window's name, ``FailureCode: FailureMessage``."""
        self.pending = False
        self.spoil: Callable[[bytes], bytes] = bytes
        """What happens to a data file on its way."""

    def switch_of(self, table: TableRef) -> Switch | None:
        if table not in self._tables:
            return None
        found = self._tables[table]
        return Switch(found.is_on, found.period, found.window(self._clock.now))

    def start(self, table: TableRef, window: ExportWindow, token: str, prefix: str) -> str:
        if self.refusal:
            raise self.refusal
        if token in self._by_token:
            return self._by_token[token]
        switch = self.switch_of(table)
        known = switch.window if switch else None
        if known is None or window.from_ < known.earliest or window.to > self._clock.now:
            raise WindowClosedError("InvalidExportTimeException: outside the window")
        arn = f"{table.arn}/export/0{len(self.started)}-abc"
        self._by_token[token] = arn
        self.started[arn] = (window, prefix)
        return arn

    def start_of_key(
        self, table: TableRef, window: ExportWindow, key: Item, token: str, prefix: str
    ) -> str:
        arn = self.start(table, window, token, prefix)
        self.keys[arn] = key
        return arn

    def start_at(self, table: TableRef, at: datetime, key: Item, token: str, prefix: str) -> str:
        window = ExportWindow(name="full", from_=at, to=at)
        arn = self.start_of_key(table, window, key, token, prefix)
        self.full.add(arn)
        return arn

    def describe(self, arn: str) -> ExportState:
        window, prefix = self.started[arn]
        if self.pending:
            return ExportState(arn, "IN_PROGRESS")
        if window.name in self.failures:
            return ExportState(arn, "FAILED", failure=self.failures[window.name])
        place = f"{prefix}/AWSDynamoDB/{arn.rpartition('/')[2]}"
        lines = self._lines(arn, window)
        files = [self._file(prefix, f"{window.name.lower()}{n}", lines[n::2]) for n in range(2)]
        listed = "".join(json.dumps(file) + "\n" for file in files)
        summary = {
            "manifestFilesS3Key": f"{place}/manifest-files.json",
            "outputFormat": "DYNAMODB_JSON",
            "exportType": "FULL_EXPORT" if arn in self.full else "INCREMENTAL_EXPORT",
        }
        self._objects.put(f"{place}/manifest-files.json", listed.encode(), "")
        self._objects.put(f"{place}/manifest-summary.json", json.dumps(summary).encode(), "")
        manifest = f"{place}/manifest-summary.json"
        return ExportState(arn, "COMPLETED", manifest, len(lines), 4096)

    def _lines(self, arn: str, window: ExportWindow) -> list[bytes]:
        key = self.keys.get(arn, {})
        if arn in self.full:
            items = self._history.items_at(window.to)
            return [
                json.dumps({"Item": item}).encode() + b"\n" for item in items if _has(item, key)
            ]
        changes = self._history.export(window)
        return [change.line for change in changes if _has(change.key, key)]

    def _file(self, prefix: str, name: str, lines: Sequence[bytes]) -> dict[str, object]:
        content = gzip.compress(b"".join(lines), mtime=0)
        key = f"{prefix}/AWSDynamoDB/data/{name}.json.gz"
        self._objects.put(key, self.spoil(content), "")
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        return {
            "itemCount": len(lines),
            "md5Checksum": base64.b64encode(md5).decode(),
            "etag": "x",
            "dataFileS3Key": key,
        }


def _has(item: Item, key: Item) -> bool:
    return all(same(item.get(name), value) for name, value in key.items())

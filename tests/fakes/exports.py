"""Incremental exports as AWS makes them: one record a key, files, manifests; in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pitr_guardian.exports.record import Change, Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.exports.window import ExportWindow

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

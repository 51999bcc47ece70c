"""Drift that stands: who brought it about, and since when, of each table that is drifted now.

A sweep's row says how a table is; what was noted of it in the ledger says how it came to be so.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from pitr_guardian.basics.instants import Instant
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.memory import Drift
from pitr_guardian.facts.actor import Actor
from pitr_guardian.report.history import Item
from pitr_guardian.report.sweep import (
    Recorded,
    Status,
    TableRow,
)


class Standing(NamedTuple):
    """Since when a table is as the sweep found it, and by whom; None where nobody knows.

    ``since`` is the call that an event told of, else when it was found so first.
    """

    since: datetime | None = None
    actor: Actor | None = None


UNKNOWN = Standing()


class _Noted(Recorded):
    found_off_at: Instant | None = None


def standings(
    items: Iterable[Item], rows: Iterable[TableRow], until: datetime
) -> tuple[dict[str, Standing], list[str]]:
    """Tell how the tables came to be as they are that aren't in order.

    Args:
        items: the ledger's records of tables with a drift that is noted or left alone.
        rows: the sweep's rows.
        until: when the sweep began: what was noted of a later time isn't what it found.

    Returns:
        one standing for each drifted table, and each exempt one that is off, by its ARN; and a
        sentence where records could not be read.
    """
    wanted = {row.arn: row for row in rows if _stands(row)}
    found = dict.fromkeys(wanted, UNKNOWN)
    unreadable = 0
    for item in items:
        if (row := wanted.get(item.get("pk", ""))) is None:
            continue
        try:
            found[row.arn] = _standing(item, row, until)
        except (RecursionError, TypeError, ValueError, ValidationError):
            unreadable += 1
    note = f"Who left {unreadable} of the drifted tables so, and when, could not be read."
    return found, [note] if unreadable else []


def is_off(row: TableRow) -> bool:
    """Whether the sweep found PITR off."""
    return row.status in {Status.DRIFTED, Status.EXEMPT} and row.period_in_days is None


def seconds_off(standing: Standing, since: datetime, now: datetime) -> float | None:
    """How long a table has been off, ``since`` an instant at most; None where nobody knows."""
    if standing.since is None:
        return None
    return max((now - max(standing.since, since)).total_seconds(), 0.0)


def _stands(row: TableRow) -> bool:
    return row.status is Status.DRIFTED or is_off(row)


def _standing(item: Item, row: TableRow, until: datetime) -> Standing:
    noted = [
        drift
        for name in ("tolerated", "drift")
        if name in item
        and _is_of(drift := Drift.model_validate(json.loads(item[name])), row, until)
    ]
    # What was left alone first: the same drift may have been noted again.
    for drift in noted:
        cause = drift.cause
        if cause is not None and cause.time <= until and _brought_about(cause, row):
            return Standing(cause.time, cause.actor)
    instants = [drift.noticed_at for drift in noted]
    found_off_at = _Noted.model_validate({"foundOffAt": item.get("foundOffAt")}).found_off_at
    if found_off_at is not None and found_off_at <= until:
        instants.append(found_off_at)
    return Standing(min(instants, default=None))


def _brought_about(cause: Cause, row: TableRow) -> bool:
    """Whether a call can have left a table so: a note has whatever event was at hand."""
    if row.period_in_days is None:
        return cause.disables or cause.is_birth
    return cause.named_period == row.period_in_days


def _is_of(drift: Drift, row: TableRow, until: datetime) -> bool:
    """Whether a drift is the one that the sweep found, and not an earlier or later one."""
    return drift.noticed_at <= until and drift.lost is None and drift.period == row.period_in_days

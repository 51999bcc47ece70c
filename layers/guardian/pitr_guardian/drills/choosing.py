"""Which tables are due for a drill."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pitr_guardian.drills.tags import PERIODS, Rhythm
from pitr_guardian.tables.reference import TableRef

AT_ONCE = 2
"""So many drills that were due are under way at the same time, at most."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A table whose tag asks for drills, and when its last one began, if there was one."""

    table: TableRef
    rhythm: Rhythm
    last_at: datetime | None = None


def due_at(candidate: Candidate) -> datetime | None:
    """When a table's next drill is due; None: at once, since it never had one.

    A period after the last, at the table's own instant of the day, so that not all fall on one
    hour: the nearest one, so that no period grows from drill to drill.
    """
    if candidate.last_at is None:
        return None
    after = (candidate.last_at + PERIODS[candidate.rhythm.period]).astimezone(UTC)
    midnight = after.replace(hour=0, minute=0, second=0, microsecond=0)
    own = midnight + instant_of_day(candidate.table)
    return min((own - _DAY, own, own + _DAY), key=lambda at: abs(at - after))


def instant_of_day(table: TableRef) -> timedelta:
    """A table's own instant of the day, spread by its name."""
    drawn = int.from_bytes(hashlib.sha256(table.arn.encode()).digest()[:8])
    return timedelta(seconds=drawn % int(_DAY.total_seconds()))


def due(candidates: Iterable[Candidate], now: datetime) -> list[Candidate]:
    """Those that are due, the ones that have waited longest first; never drilled comes first."""
    waiting = [(due_at(each), each) for each in candidates]
    ready = [(at, each) for at, each in waiting if at is None or at <= now]
    ready.sort(key=lambda pair: (pair[0] or datetime.min.replace(tzinfo=UTC), pair[1].table.arn))
    return [each for _, each in ready]


def drill_id_of(candidate: Candidate, now: datetime) -> str:
    """The id of a drill that is due: the same however often it is begun within a day.

    That of the next one is another, though a daily one may be due twice on a day: at once, and at
    the table's own instant.
    """
    table = candidate.table
    name = "".join(sign if sign.isalnum() or sign in "_-" else "-" for sign in table.name[:36])
    after = candidate.last_at.isoformat() if candidate.last_at else "nothing"
    mark = hashlib.sha256(f"{table.arn} after {after}".encode()).hexdigest()[:8]
    return f"due-{name}-{now.astimezone(UTC):%Y%m%d}-{mark}"

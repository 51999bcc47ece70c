"""How a table stands, told from its PITR switch, its tags and the ledger. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pitr_guardian.drift.loss import loss_of
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.report.sweep import Status
from pitr_guardian.tables.observation import (
    OUT_OF_REACH,
    Seen,
    Switch,
)
from pitr_guardian.tables.policy import (
    Exemption,
    Mode,
    Policy,
    exemption_fault,
    leave_of,
    own_period,
    period_is_invalid,
    tagged_period,
)
from pitr_guardian.tables.reference import TableRef

BEING_WORKED_ON = timedelta(minutes=5)
"""Drift noted longer ago than this was left behind by somebody who died before telling of it."""


STANDS_STILL = timedelta(hours=1)
"""A window whose latest instant is older isn't moving on: AWS's is typically five minutes ago."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One table, judged. ``seen`` and ``own_period``, in days, are None where it failed."""

    table: TableRef
    status: Status
    seen: Seen | None = None
    own_period: int | None = None
    exemption: Exemption | None = None
    error: str | None = None
    needs_look: bool = False
    """Whether there is something for the guardian to do, or to tell."""
    is_news: bool = False
    """Whether the ledger should be told of period and window."""

    @property
    def asks_for_more(self) -> bool:
        """Whether anything is to be done, told or written down."""
        return self.needs_look or self.is_news or self.status is not Status.PROTECTED

    @property
    def is_wanting(self) -> bool:
        """Whether the table isn't protected as it should be, exempt or not."""
        return self.status in (Status.DRIFTED, Status.EXEMPT)


def is_as_known(switch: Switch, memory: Memory, now: datetime) -> bool:
    """Tell whether a table's PITR alone says enough: which table it is and how it stands is known.

    A table whose key is gone keeps its PITR, and its window may stand still.
    """
    if memory.table_id is None or memory.has_key or switch.window is None:
        return False
    return now - switch.window.latest < STANDS_STILL


def as_remembered(switch: Switch, memory: Memory) -> Seen:
    """A table that is taken for the one that the ledger knows."""
    return Seen(switch, memory.table_id, memory.born_at)


def judge(
    table: TableRef,
    seen: Seen,
    tags: Mapping[str, str],
    memory: Memory,
    policy: Policy,
    now: datetime,
) -> Finding:
    """Judge one table.

    Args:
        table: the table.
        seen: the table as it is now.
        tags: those of its tags that the policy knows; a hint, which enforcing reads for itself.
        memory: what the ledger remembers of a table of this name.
        policy: the house's policy.
        now: the time of now.
    """
    is_heir = not memory.is_of(seen.table_id, seen.born_at)
    switch, memory = seen.switch, memory.of(seen.table_id, seen.born_at)
    own = own_period(tags, memory.period or switch.period, policy)
    is_void = exemption_fault(tags, policy, now) is not None or period_is_invalid(tags, policy)
    leave = leave_of(tags, policy, now)
    if seen.status in OUT_OF_REACH:
        status = Status.DRIFTED if leave is None else Status.EXEMPT
        needs_look = leave is None
    elif switch.satisfies(own):
        status = Status.PROTECTED
        needs_look = (
            is_heir
            or memory.tolerated is not None
            or memory.failing is not None
            or _is_left_behind(memory.drift, now)
            or loss_of(switch, tags, memory, policy, None, now) is not None
            or _is_tagged_late(seen, tags, policy, now)
        )
    else:
        status = Status.DRIFTED if leave is None else Status.EXEMPT
        is_let_be = leave is not None or policy.mode is Mode.NOTIFY_ONLY
        needs_look = not (is_let_be and _was_told_of(switch, memory, now))
    return Finding(
        table,
        status,
        seen,
        own,
        leave,
        needs_look=needs_look or is_void,
        # While a drift is noted, what was known before it is needed to tell what it cost; and what
        # is gone is told from it, too.
        is_news=status is Status.PROTECTED
        and not needs_look
        and memory.drift is None
        and _is_news(switch, memory, leave),
    )


def last_known_on(memory: Memory, last_swept_at: datetime | None) -> datetime | None:
    """Tell when the last sweep saw the table on, where that is later than the ledger knows.

    A table that was in the ledger before that sweep, and of which nothing was noted since, was
    in order then: anything else would have been noted, or the sweep would have said that it found
    it off (enforcing may be paused, or behind).

    Args:
        memory: what the ledger remembers of the table.
        last_swept_at: when the region's last complete sweep began.
    """
    if last_swept_at is None or memory.seen_on_at is None or last_swept_at <= memory.seen_on_at:
        return None
    is_doubtful = memory.drift or memory.tolerated or memory.found_off_at
    return None if is_doubtful else last_swept_at


def is_unheard_of(memory: Memory) -> bool:
    """Tell whether a table was known to be on, and nobody has noted yet that it isn't."""
    return memory.ever_on and not (memory.drift or memory.tolerated or memory.found_off_at)


def as_seen(memory: Memory, finding: Finding, now: datetime) -> Memory:
    """What is remembered of a table that a sweep saw in order."""
    switch = finding.seen.switch if finding.seen else Switch(False)
    leave = finding.exemption
    return replace(
        memory,
        period=max(filter(None, (memory.period, switch.period)), default=None),
        window=switch.window,
        seen_period=switch.period,
        seen_on_at=now,
        exempt_until=leave.last_day if leave else None,
        found_off_at=None,
        has_key=finding.seen is not None and finding.seen.has_key,
    )


def _was_told_of(switch: Switch, memory: Memory, now: datetime) -> bool:
    found = Drift(noticed_at=now, period=switch.period)
    return memory.tolerated is not None and memory.tolerated.kind == found.kind


def _is_left_behind(drift: Drift | None, now: datetime) -> bool:
    return drift is not None and now - drift.noticed_at > BEING_WORKED_ON


def _is_tagged_late(seen: Seen, tags: Mapping[str, str], policy: Policy, now: datetime) -> bool:
    wanted, born_at = tagged_period(tags, policy), seen.born_at
    is_young = born_at is not None and now < born_at + policy.birth_grace
    return is_young and wanted is not None and wanted < (seen.switch.period or wanted)


def _is_news(switch: Switch, memory: Memory, leave: Exemption | None) -> bool:
    """Tell whether a table in order is otherwise than it was when it was last looked at."""
    return (
        not memory.ever_on
        or switch.period != memory.seen_period
        or (switch.window is not None and memory.window is None)
        or (leave.last_day if leave else None) != memory.exempt_until
        or memory.found_off_at is not None
    )

"""How a table stands, told from its PITR switch, its tags and the ledger. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Window
from pitr_guardian.policy import (
    Exemption,
    Mode,
    Policy,
    exemption,
    exemption_fault,
    own_period,
)
from pitr_guardian.report.sweep import Status
from pitr_guardian.table import TableRef

BEING_WORKED_ON = timedelta(minutes=5)
"""Drift noted longer ago than this was left behind by somebody who died before telling of it."""

_ROUNDING = timedelta(seconds=1)  # the ledger keeps milliseconds
_SKEW = timedelta(minutes=10)  # between AWS's clock, which moves a window on, and ours


@dataclass(frozen=True, slots=True)
class Switch:
    """PITR as one describing call shows it; period, in days, and window only while it is on."""

    on: bool
    period: int | None = None
    window: Window | None = None

    def satisfies(self, period: int) -> bool:
        """Whether PITR is on, with this period or a longer one."""
        return self.on and (self.period is None or self.period >= period)


@dataclass(frozen=True, slots=True)
class Finding:
    """One table, judged. ``switch`` and ``own_period``, in days, are None where it failed."""

    table: TableRef
    status: Status
    switch: Switch | None = None
    own_period: int | None = None
    exemption: Exemption | None = None
    error: str | None = None
    needs_look: bool = False
    """Whether there is something for the guardian to do, or to tell."""
    is_news: bool = False
    """Whether the ledger should be told of period and window."""


def judge(
    table: TableRef,
    switch: Switch,
    tags: Mapping[str, str],
    memory: Memory,
    policy: Policy,
    now: datetime,
) -> Finding:
    """Judge one table.

    Args:
        table: the table.
        switch: its PITR as it is now.
        tags: those of its tags that the policy knows; a hint, which enforcing reads for itself.
        memory: what the ledger remembers of a table of this name.
        policy: the house's policy.
        now: the time of now.
    """
    own = own_period(tags, memory.period or switch.period, policy)
    is_void = exemption_fault(tags, policy, now) is not None
    leave = None if is_void else exemption(tags, policy)
    if switch.satisfies(own):
        status = Status.PROTECTED
        needs_look = memory.tolerated is not None or _is_left_behind(memory.drift, now)
    else:
        status = Status.DRIFTED if leave is None else Status.EXEMPT
        is_let_be = leave is not None or policy.mode is Mode.NOTIFY_ONLY
        needs_look = not (is_let_be and _was_told_of(switch, memory, now))
    return Finding(
        table,
        status,
        switch,
        own,
        leave,
        needs_look=needs_look or is_void,
        # While a drift is noted, what was known before it is needed to tell what it cost.
        is_news=status is Status.PROTECTED
        and memory.drift is None
        and _is_news(switch, memory, now),
    )


def last_known_on(memory: Memory, last_swept_at: datetime | None) -> datetime | None:
    """Tell when the last sweep saw the table on, where that is later than the ledger knows.

    A table that was in the ledger before that sweep, and of which nothing was noted since, was
    in order then: anything else would have been noted.

    Args:
        memory: what the ledger remembers of the table.
        last_swept_at: when the region's last complete sweep began.
    """
    if last_swept_at is None or memory.seen_on_at is None or last_swept_at <= memory.seen_on_at:
        return None
    return None if memory.drift or memory.tolerated else last_swept_at


def _was_told_of(switch: Switch, memory: Memory, now: datetime) -> bool:
    found = Drift(noticed_at=now, period=switch.period)
    return memory.tolerated is not None and memory.tolerated.kind == found.kind


def _is_left_behind(drift: Drift | None, now: datetime) -> bool:
    return drift is not None and now - drift.noticed_at > BEING_WORKED_ON


def _is_news(switch: Switch, memory: Memory, now: datetime) -> bool:
    if not memory.ever_on or (switch.period or 0) > (memory.period or 0):
        return True
    if switch.window is None:
        return False
    if memory.window is None:
        return True
    # A full window moves on with time; any other begins where it began, unless it was reset.
    earliest = switch.window.earliest
    moves = switch.period is not None and earliest < now - timedelta(days=switch.period) + _SKEW
    return earliest > memory.window.earliest + _ROUNDING and not moves

"""Restore points that are gone although PITR is on as it should be: the window tells.

A window begins where it began when it was last seen, or moves on as time does, by the table's
period. If it begins later than that, somebody switched PITR off and on again, or shortened the
period and put it back, before anybody looked. No I/O, no clock of its own.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pitr_guardian.basics.instants import spoken
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.memory import (
    How,
    Lost,
    Memory,
)
from pitr_guardian.tables.observation import (
    Switch,
    Window,
)
from pitr_guardian.tables.policy import (
    Policy,
    own_period,
    tagged_period,
)

ROUNDING = timedelta(seconds=2)
"""The ledger keeps milliseconds, and the window that an enabling call begins may be our clock's."""

SKEW = timedelta(minutes=10)
"""Between AWS's clock, which moves a full window on, and ours."""

_SHORTEST = timedelta(days=1)
"""The shortest period: who shortens it leaves at least so much of the window."""


def loss_of(
    switch: Switch,
    tags: Mapping[str, str],
    memory: Memory,
    policy: Policy,
    cause: Cause | None,
    now: datetime,
) -> Lost | None:
    """Tell which restore points went that nobody has told of; None where none did.

    A period that is too short now is drift, and the restore points that it cost are told with it.
    So are those that PITR took that was off, where that was noticed.

    Args:
        switch: the table's PITR as it is now.
        tags: the table's tags.
        memory: what is remembered of this very table.
        policy: the house's policy.
        cause: the event that made the guardian look, if one did; it may know how they went.
        now: the time of now.
    """
    before, seen = memory.window, memory.seen_period
    if switch.period is None or switch.window is None or before is None or seen is None:
        return None
    told = [drift for drift in (memory.drift, memory.tolerated) if drift is not None]
    if any(drift.is_off or drift.lost for drift in told):
        return None
    begins = switch.window.earliest
    shortest = min(filter(None, (seen, switch.period, *(drift.period for drift in told))))
    is_witnessed = cause is not None and cause.disables and cause.time >= before.earliest
    slack = timedelta(0) if is_witnessed else ROUNDING
    if begins > _latest_beginning(before, shortest, now, slack):
        how, at = _how(begins, seen, cause, now)
    elif not switch.satisfies(own_period(tags, memory.period, policy)):
        return None
    elif tagged_period(tags, policy) and begins > _latest_beginning(before, seen, now):
        named = cause is not None and cause.named_period == switch.period
        how, at = How.BY_TAG, cause.time if cause and named else now
    else:
        return None
    lost_from = max(before.earliest, at - timedelta(days=seen))
    return Lost(how=how, earliest=min(lost_from, begins), latest=begins)


def could_bring_about(lost: Lost, period: int | None, cause: Cause) -> bool:
    """Tell whether a call can have cost these restore points.

    Args:
        lost: what is gone.
        period: the period since, in days.
        cause: the call.
    """
    match lost.how:
        case How.SWITCHED:
            return cause.disables
        case How.SHORTENED:
            return cause.named_period is not None and _shortens(lost, cause, cause.named_period)
        case How.BY_TAG:
            return cause.named_period is not None and cause.named_period == period


def sentence_of(lost: Lost, period: int) -> str:
    """Say what happened; ``period``, in days, is the one since."""
    gone = f"every restore point before {spoken(lost.latest)} is gone."
    match lost.how:
        case How.SWITCHED:
            return (
                f"PITR was switched off and on again before the guardian looked: it is on with "
                f"{period} days, but {gone}"
            )
        case How.SHORTENED:
            return (
                "The recovery period was shortened and lengthened again before the guardian "
                f"looked: it is {period} days, but {gone}"
            )
        case How.BY_TAG:
            return (
                f"The recovery period was shortened to {period} days, as the table's own tag "
                f"asks: {gone}"
            )


def weight_of(lost: Lost) -> int:
    """How many days of restore points went, rounded up."""
    return -(-(lost.latest - lost.earliest) // timedelta(days=1))


def _latest_beginning(
    before: Window, period: int, now: datetime, slack: timedelta = ROUNDING
) -> datetime:
    return max(before.earliest + slack, now - timedelta(days=period) + SKEW)


def _how(begins: datetime, seen: int, cause: Cause | None, now: datetime) -> tuple[How, datetime]:
    """Tell how the restore points went, and when."""
    if cause is not None and cause.disables and cause.time <= begins + ROUNDING:
        return How.SWITCHED, cause.time
    if cause is not None and cause.named_period is not None and cause.named_period < seen:
        would_begin = cause.time - timedelta(days=cause.named_period)
        if abs(would_begin - begins) < SKEW:
            return How.SHORTENED, cause.time
    if begins > now - _SHORTEST:
        return How.SWITCHED, begins
    return How.SHORTENED, now


def _shortens(lost: Lost, cause: Cause, days: int) -> bool:
    return abs(cause.time - timedelta(days=days) - lost.latest) < SKEW

"""The rule of the house: what to do about a table as it is now. No I/O, no clock of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.loss import sentence_of
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
)
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    Exemption,
    Mode,
    Policy,
    leave_of,
    own_period,
    tagged_period,
)

BIRTH_PAINS = timedelta(minutes=15)
"""How long after its birth a table may still be answered for as if it didn't exist."""


class Action(Enum):
    """What to do about a table."""

    NOTHING = auto()
    LOOK_AGAIN = auto()
    REMEMBER = auto()
    TELL = auto()
    """Put right already, but not told: the guardian died in between."""
    ENABLE = auto()
    RESTORE_PERIOD = auto()
    FOLLOW_TAG = auto()
    """Give a young table the shorter period that its owner has tagged it with by now."""
    REPORT = auto()
    TOLERATE = auto()


@dataclass(frozen=True, slots=True)
class Decision:
    """An action, and the sentence that goes with it into log, ledger, fact and alert.

    ``period``, in days, is the one to name or to remember; ``exemption`` is why drift is tolerated.
    """

    action: Action
    reason: str
    period: int | None = None
    exemption: Exemption | None = None


def decide(
    observed: Observed, policy: Policy, memory: Memory, cause: Cause | None, now: datetime
) -> Decision:
    """Decide what to do about one table.

    Args:
        observed: the table as it is now.
        policy: the house's policy.
        memory: what the ledger remembers of this very table.
        cause: the event that made the guardian look; a hint, never the truth.
        now: the time of now.
    """
    match observed.presence:
        case Presence.GONE if _just_born(cause, now):
            return Decision(Action.LOOK_AGAIN, "The table was just created and can't be seen yet.")
        case Presence.GONE:
            return Decision(Action.NOTHING, "The table is gone.")
        case Presence.GOING:
            return Decision(Action.NOTHING, f"The table is {observed.status}.")
        case Presence.NOT_READY:
            return Decision(Action.LOOK_AGAIN, f"The table is still {observed.status}.")
        case Presence.READY:
            return _of_a_ready_table(observed, policy, memory, cause, now)


def _of_a_ready_table(
    observed: Observed, policy: Policy, memory: Memory, cause: Cause | None, now: datetime
) -> Decision:
    remembered = _own_or_renamed_at_birth(observed, policy, memory, cause, now)
    own = own_period(observed.tags, remembered, policy)
    leave = leave_of(observed.tags, policy, now)
    if observed.switch.satisfies(own):
        longest = max(filter(None, (remembered, observed.period)), default=None)
        if memory.drift is not None and _is_over(memory.drift, observed):
            now_on = observed.period or own
            return Decision(
                Action.TELL,
                told_of(memory.drift, now_on, memory),
                max(now_on, longest or 0),
            )
        if leave is None and _tagged_late(observed, policy, cause, now):
            return Decision(
                Action.FOLLOW_TAG,
                f"The tag {policy.period_tag} came soon after the table's birth: the recovery "
                f"period follows it from {observed.period} to {own} days.",
                own,
            )
        return Decision(Action.REMEMBER, f"PITR is on with {observed.period} days.", longest)
    if leave is not None:
        why = f"the table is exempt through {leave.last_day}{_far_off(leave, now)}"
        return Decision(Action.TOLERATE, _left_alone(observed, own, why), own, leave)
    if policy.mode is Mode.NOTIFY_ONLY:
        return Decision(
            Action.REPORT, _left_alone(observed, own, "the guardian only notifies"), own
        )
    action = Action.RESTORE_PERIOD if observed.pitr_on else Action.ENABLE
    return Decision(action, _remedied(observed.period, own, memory), own)


def told_of(drift: Drift, period: int, memory: Memory) -> str:
    """Say what was wrong with a table that is in order now; ``period``, in days, is its own now."""
    if drift.lost is not None:
        return sentence_of(drift.lost, period)
    return _remedied(drift.period, period, memory)


def _tagged_late(observed: Observed, policy: Policy, cause: Cause | None, now: datetime) -> bool:
    """Tell whether a table's owner tagged it with a shorter period soon after its birth.

    Tools that tag at the end, and replicas, name a table's period after the guardian has given it
    the house's. Nothing is lost by it: the table is younger than the shortest period.
    """
    wanted = tagged_period(observed.tags, policy)
    if policy.mode is Mode.NOTIFY_ONLY or wanted is None or observed.created_at is None:
        return False
    tagged_at = now
    if cause is not None and cause.call == "TagResource":
        tagged_at = min(now, max(cause.time, observed.created_at))
    is_young = tagged_at < observed.created_at + policy.birth_grace
    return is_young and wanted < (observed.period or wanted)


def _own_or_renamed_at_birth(
    observed: Observed, policy: Policy, memory: Memory, cause: Cause | None, now: datetime
) -> int | None:
    """Tell the remembered period, or the shorter one the owner named soon after the table's birth.

    A CloudFormation stack creates a table first and names its period a moment later. The guardian
    itself never names less than what it remembers, so a shorter period is somebody else's.
    """
    known = memory.period
    if known is None and memory.drift is not None and memory.drift.is_off:
        # It was off when it was first seen: no period of its own was, whoever names one since.
        known = policy.default_period
    if observed.period is None or known is None or observed.created_at is None:
        return known or observed.period
    born = observed.created_at.replace(microsecond=0)  # CloudTrail's times are in whole seconds
    named_at = now
    if cause is not None and cause.named_period == observed.period and cause.time >= born:
        named_at = min(now, max(cause.time, observed.created_at))
    if named_at < observed.created_at + policy.birth_grace:
        return min(observed.period, known)
    return known


def _is_over(drift: Drift, observed: Observed) -> bool:
    """Tell whether noted drift was put right, or only became rightful, by a tag for one."""
    if drift.period is None or drift.lost is not None:
        return True
    return (observed.period or MAX_PERIOD) > drift.period


def _remedied(found: int | None, own: int, memory: Memory) -> str:
    if found is None:
        before = "was off" if memory.ever_on else "had never been on"
        return f"PITR {before}; it is on now, with {own} days."
    return f"The recovery period was {found} days; it is put back to the table's own {own}."


def _far_off(leave: Exemption, now: datetime) -> str:
    if not leave.is_far_off(now):
        return ""
    return ", which is more than a year away: see whether that day is meant"


def _left_alone(observed: Observed, own: int, why: str) -> str:
    if observed.pitr_on:
        return f"The recovery period is {observed.period} days, below the table's own {own}; {why}."
    return f"PITR is off; {why}."


def _just_born(cause: Cause | None, now: datetime) -> bool:
    return cause is not None and cause.is_birth and now - cause.time < BIRTH_PAINS

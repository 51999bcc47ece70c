"""The rule of the house: what to do about a table as it is now. No I/O, no clock of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from pitr_guardian.change import Cause
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Observed, Presence
from pitr_guardian.policy import MAX_PERIOD, Exemption, Mode, Policy, exemption, own_period

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
    if observed.pitr_on and (observed.period is None or observed.period >= own):
        longest = max(filter(None, (remembered, observed.period)), default=None)
        if memory.drift is not None and _is_over(memory.drift, observed):
            now_on = observed.period or own
            return Decision(
                Action.TELL,
                _remedied(memory.drift.period, now_on, memory),
                max(now_on, longest or 0),
            )
        return Decision(Action.REMEMBER, f"PITR is on with {observed.period} days.", longest)
    leave = exemption(observed.tags, policy)
    if leave is not None and leave.covers(now):
        why = f"the table is exempt through {leave.last_day}"
        return Decision(Action.TOLERATE, _left_alone(observed, own, why), own, leave)
    if policy.mode is Mode.NOTIFY_ONLY:
        return Decision(
            Action.REPORT, _left_alone(observed, own, "the guardian only notifies"), own
        )
    action = Action.RESTORE_PERIOD if observed.pitr_on else Action.ENABLE
    return Decision(action, _remedied(observed.period, own, memory), own)


def _own_or_renamed_at_birth(
    observed: Observed, policy: Policy, memory: Memory, cause: Cause | None, now: datetime
) -> int | None:
    """Tell the remembered period, or the shorter one the owner named soon after the table's birth.

    A CloudFormation stack creates a table first and names its period a moment later. The guardian
    itself never names less than what it remembers, so a shorter period is somebody else's.
    """
    known = memory.period
    if known is None and memory.drift is not None and memory.drift.period is None:
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
    return drift.period is None or (observed.period or MAX_PERIOD) > drift.period


def _remedied(found: int | None, own: int, memory: Memory) -> str:
    if found is None:
        before = "was off" if memory.ever_on else "had never been on"
        return f"PITR {before}; it is on now, with {own} days."
    return f"The recovery period was {found} days; it is put back to the table's own {own}."


def _left_alone(observed: Observed, own: int, why: str) -> str:
    if observed.pitr_on:
        return f"The recovery period is {observed.period} days, below the table's own {own}; {why}."
    return f"PITR is off; {why}."


def _just_born(cause: Cause | None, now: datetime) -> bool:
    return cause is not None and cause.is_birth and now - cause.time < BIRTH_PAINS

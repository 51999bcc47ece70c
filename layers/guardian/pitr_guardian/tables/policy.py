"""Who is exempt, and which recovery period a table is entitled to.

The house's policy comes from the stack's parameters; a table's own part of it is on its tags.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

MIN_PERIOD, MAX_PERIOD = 1, 35
"""Bounds of ``RecoveryPeriodInDays``, in days (DynamoDB API reference)."""

EXEMPT_REASON_TAG = "pitr-guardian:exempt-reason"
EXEMPT_OWNER_TAG = "pitr-guardian:exempt-owner"

_FAR_OFF = timedelta(days=366)

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PERIOD = re.compile(r"[1-9]\d?", re.ASCII)


class Mode(StrEnum):
    """Whether the guardian acts, or only tells."""

    REMEDIATE = "remediate"
    NOTIFY_ONLY = "notify-only"


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's policy; see the stack's parameters of the same names."""

    mode: Mode = Mode.REMEDIATE
    default_period: int = MAX_PERIOD
    exempt_tag: str = "pitr-guardian:exempt"
    period_tag: str = "pitr-guardian:recovery-days"
    birth_grace: timedelta = timedelta(minutes=60)
    min_period: int = MIN_PERIOD
    """The shortest period that a table's tag can ask for, in days."""
    max_exemption_days: int = 0
    """How many days ahead an exemption may end; 0 for any number."""


@dataclass(frozen=True, slots=True)
class Exemption:
    """A table's leave to be unprotected, through the end of its last day, UTC."""

    last_day: date
    reason: str | None
    owner: str | None

    def covers(self, now: datetime) -> bool:
        """Tell whether the exemption still holds."""
        return now < datetime.combine(self.last_day, time.min, UTC) + timedelta(days=1)

    def is_far_off(self, now: datetime) -> bool:
        """Tell whether its end is so far away that it may not be meant."""
        return self.last_day - now.astimezone(UTC).date() > _FAR_OFF


def exemption(tags: Mapping[str, str], policy: Policy) -> Exemption | None:
    """Read a table's exemption; anything but a date is none."""
    value = tags.get(policy.exempt_tag, "")
    if _DATE.fullmatch(value) is None:
        return None
    try:
        last_day = date.fromisoformat(value)
        datetime.combine(last_day, time.min, UTC) + timedelta(days=1)
    except (ValueError, OverflowError):  # 2026-02-30, or the last day of the calendar
        return None
    return Exemption(last_day, tags.get(EXEMPT_REASON_TAG), tags.get(EXEMPT_OWNER_TAG))


class ExemptionFault(StrEnum):
    """What keeps an exemption tag from exempting."""

    INVALID = "invalid"
    EXPIRED = "expired"
    TOO_LONG = "too-long"


def exemption_fault(
    tags: Mapping[str, str], policy: Policy, now: datetime
) -> ExemptionFault | None:
    """Tell what is wrong with a table's exemption tag; None where it holds, or there is none."""
    if policy.exempt_tag not in tags:
        return None
    found = exemption(tags, policy)
    if found is None:
        return ExemptionFault.INVALID
    if not found.covers(now):
        return ExemptionFault.EXPIRED
    days_ahead = (found.last_day - now.astimezone(UTC).date()).days
    is_too_long = 0 < policy.max_exemption_days < days_ahead
    return ExemptionFault.TOO_LONG if is_too_long else None


def leave_of(tags: Mapping[str, str], policy: Policy, now: datetime) -> Exemption | None:
    """Tell the leave that a table has to be unprotected now; None where it has none."""
    return None if exemption_fault(tags, policy, now) else exemption(tags, policy)


def tagged_period(tags: Mapping[str, str], policy: Policy) -> int | None:
    """Read the period, in days, that a table's tag asks for; None where it is absent or invalid.

    A tag that asks for less than the house grants gets what the house grants.
    """
    value = tags.get(policy.period_tag, "")
    if _PERIOD.fullmatch(value) is None:
        return None
    days = int(value)
    return max(days, policy.min_period) if MIN_PERIOD <= days <= MAX_PERIOD else None


def period_is_invalid(tags: Mapping[str, str], policy: Policy) -> bool:
    """Tell whether a table has a period tag that nobody can read."""
    return policy.period_tag in tags and tagged_period(tags, policy) is None


def own_period(tags: Mapping[str, str], remembered: int | None, policy: Policy) -> int:
    """Tell the period a table is entitled to: its tag, else what is remembered, else the default.

    Args:
        tags: the table's tags.
        remembered: the period the ledger holds for the table, in days.
        policy: the house's policy.
    """
    return tagged_period(tags, policy) or remembered or policy.default_period

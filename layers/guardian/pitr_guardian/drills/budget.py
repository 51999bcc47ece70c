"""What drills may cost in a calendar month, and what one is expected to cost."""

from dataclasses import dataclass
from datetime import UTC, datetime

from pitr_guardian.tables.prices import (
    EXPORT_USD_PER_GB,
    GB,
    READ_USD_PER_MILLION,
    RESTORE_USD_PER_GB,
    SMALLEST_EXPORT,
)

_DAY = 24 * 3600
_FEWEST_EXPORTS = 2
"""One until the request, and one for what was written while items were compared."""
_BESIDES_USD = 0.01
"""Functions, transitions and objects of a drill."""
_READS_PER_ITEM = 4
"""The copy's item and the live one, consistently, and each again in a further round."""
_SMALL_USD = 0.01


@dataclass(frozen=True, slots=True)
class Budget:
    """A month's budget: what drills may cost, and what they did or are expected to, in USD."""

    allowed: float
    spent: float = 0.0

    @property
    def left(self) -> float:
        """What drills may still cost."""
        return max(0.0, self.allowed - self.spent)


def month_of(instant: datetime) -> str:
    """The calendar month of an instant, in UTC: ``2026-11``."""
    return instant.astimezone(UTC).strftime("%Y-%m")


def full_drill_in_usd(size_in_bytes: int, items: int, at: datetime, now: datetime) -> float:
    """Estimate a drill with a copy.

    Args:
        size_in_bytes: of the table's data.
        items: how many are compared; the number is wanted for reads alone.
        at: the instant to restore to.
        now: when it is asked for; a day of history between the two is an export.
    """
    days = max(0.0, (now - at).total_seconds()) / _DAY
    exports = _FEWEST_EXPORTS + int(days)
    return round(
        size_in_bytes / GB * RESTORE_USD_PER_GB
        + exports * SMALLEST_EXPORT / GB * EXPORT_USD_PER_GB
        + items * _READS_PER_ITEM / 1e6 * READ_USD_PER_MILLION
        + _BESIDES_USD,
        4,
    )


def small_drill_in_usd(at: datetime, now: datetime) -> float:
    """Estimate a drill of one partition key's items, without a copy."""
    days = max(0.0, (now - at).total_seconds()) / _DAY
    exports = _FEWEST_EXPORTS + 1 + int(days)
    return round(exports * SMALLEST_EXPORT / GB * EXPORT_USD_PER_GB + _SMALL_USD, 4)

"""What drills may cost in a calendar month."""

from dataclasses import dataclass
from datetime import UTC, datetime


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

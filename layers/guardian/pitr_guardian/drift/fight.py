"""Two parties over one table: somebody keeps switching PITR off, the guardian keeps putting it on.

Protection never stops. After the third time within an hour it is called a fight, once, and the
single alerts are folded until that hour is over; but none that tells of a heavier loss than those
that were told: a period shortened by a day, again and again, must not hide that all is lost.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto

HOUR = timedelta(hours=1)
TIMES = 3
"""So many disablings or shortenings within an hour are a fight."""

ALL = 36
"""The weight of a loss of all restore points; of others, it is the days that were cut off."""


class Verdict(StrEnum):
    """What to tell of one more incident."""

    SINGLE = auto()
    FIGHT = auto()
    FOLDED = auto()


@dataclass(frozen=True, slots=True)
class Strife:
    """The incidents of a table's last hour, and until when its alerts are folded."""

    incidents: tuple[datetime, ...] = ()
    folded_until: datetime | None = None
    weights: tuple[int, ...] = ()
    """What each incident weighs; one without a weight is taken for the heaviest."""

    @property
    def count(self) -> int:
        """How many incidents there were within the hour."""
        return len(self.incidents)

    def one_more(self, now: datetime, weight: int = ALL) -> tuple["Strife", Verdict]:
        """Count one more incident, forget those of more than an hour ago, and judge.

        While alerts are folded, those that the fight was called over are not forgotten.
        """
        is_folded = self.folded_until is not None and now < self.folded_until
        horizon = 2 * HOUR if is_folded else HOUR
        weights = (*self.weights[: self.count], *[ALL] * (self.count - len(self.weights)))
        weighed = zip(self.incidents, weights, strict=True)
        recent = [(at, each) for at, each in weighed if now - at < horizon]
        as_heavy = sum(each >= weight for _, each in recent)
        recent.append((now, weight))
        incidents = tuple(at for at, _ in recent)
        weights = tuple(each for _, each in recent)
        if is_folded:
            verdict = Verdict.FOLDED if as_heavy >= TIMES else Verdict.SINGLE
            return Strife(incidents, self.folded_until, weights), verdict
        if len(incidents) >= TIMES:
            return Strife(incidents, now + HOUR, weights), Verdict.FIGHT
        return Strife(incidents, None, weights), Verdict.SINGLE


PEACE = Strife()
"""Nothing happened of late."""

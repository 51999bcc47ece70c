"""Two parties over one table: somebody keeps switching PITR off, the guardian keeps putting it on.

Protection never stops. After the third time within an hour it is called a fight, once, and the
single alerts are folded until that hour is over.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum, auto

HOUR = timedelta(hours=1)
TIMES = 3
"""So many disablings or shortenings within an hour are a fight."""


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

    @property
    def count(self) -> int:
        """How many incidents there were within the hour."""
        return len(self.incidents)

    def one_more(self, now: datetime) -> tuple["Strife", Verdict]:
        """Count one more incident, forget those of more than an hour ago, and judge."""
        recent = tuple(instant for instant in self.incidents if now - instant < HOUR)
        incidents = (*recent, now)
        if self.folded_until is not None and now < self.folded_until:
            return Strife(incidents, self.folded_until), Verdict.FOLDED
        if len(incidents) >= TIMES:
            return Strife(incidents, now + HOUR), Verdict.FIGHT
        return Strife(incidents, None), Verdict.SINGLE


PEACE = Strife()
"""Nothing happened of late."""

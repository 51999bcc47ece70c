"""When many alerts of one kind come at once, the sixth and all that follow wait for one digest.

A kind is an event of one severity in one account and region: a critical deletion isn't folded
among those of test tables. What counts are the alerts of the last ten minutes, whether they were
told or folded: a storm that goes on makes a digest every ten minutes, and nothing else.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

WITHIN = timedelta(minutes=10)
"""Alerts that lie less far apart than this are of one happening."""

SINGLE = 5
"""So many of them are told one by one."""

_PATIENCE = timedelta(minutes=5)
"""A digest that is late by more has lost its order, and is ordered once more."""

NEVER_FOLDED = frozenset({"alerts-folded", "undo-planned"})
"""A digest, and what somebody has to answer by what stands in no digest."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is counted together."""

    event: str
    severity: str
    account: str
    region: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert, as far as folding goes; of one that can't be folded no kind is told."""

    id: str
    event: str
    at: datetime
    kind: Kind | None = None
    table: str = ""
    who: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """An alert of the last minutes."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """The latest alerts of one kind, at most `SINGLE`, and the flood that they are of, if any.

    ``folded`` and ``latest`` are of the flood: how many joined it, and when the last one did.
    ``version`` grows with each change but a joining.
    """

    recent: tuple[Counted, ...] = ()
    flood: str | None = None
    due: datetime | None = None
    folded: int = 0
    latest: datetime | None = None
    version: int = 0

    def told(self, alert_id: str, now: datetime) -> "Flow":
        """With one more alert, that is told by itself."""
        recent = (*self.recent, Counted(alert_id, now))[-SINGLE:]
        return replace(self, recent=recent, version=self.version + 1)

    def flooded(self, flood: str, now: datetime) -> "Flow":
        """With a flood that begins; its digest is due in ten minutes."""
        return replace(
            self, flood=flood, due=now + WITHIN, folded=0, latest=None, version=self.version + 1
        )

    def over(self) -> "Flow":
        """Without the flood. What was folded counts like what was told, as of its latest."""
        recent = self.recent
        if self.flood is not None and self.latest is not None:
            joined = Counted(self.flood, self.latest)
            recent = (*recent, *[joined] * min(self.folded, SINGLE))[-SINGLE:]
        return Flow(recent=recent, version=self.version + 1)

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether the flood's digest should have been sent, and nobody has."""
        return self.due is not None and now - self.due > _PATIENCE


class Verdict(StrEnum):
    """What becomes of an alert."""

    SINGLE = "single"
    AGAIN = "again"
    """It was judged to be told by itself before, by an invocation that may have died since."""
    FLOOD = "flood"
    """It is the first that is folded."""
    JOIN = "join"


def judge(flow: Flow, alert_id: str, now: datetime) -> Verdict:
    """Judge whether an alert is told by itself or folded."""
    if any(counted.id == alert_id for counted in flow.recent):
        return Verdict.AGAIN
    if flow.flood is not None:
        return Verdict.JOIN
    of_late = sum(now - counted.at < WITHIN for counted in flow.recent)
    return Verdict.SINGLE if of_late < SINGLE else Verdict.FLOOD

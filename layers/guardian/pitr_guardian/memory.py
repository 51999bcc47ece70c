"""What the ledger remembers of a table, since DynamoDB forgets it the moment PITR goes off."""

from dataclasses import dataclass, replace
from datetime import datetime

from pitr_guardian.change import Cause
from pitr_guardian.fight import PEACE, Strife, Verdict
from pitr_guardian.instants import Instant
from pitr_guardian.model import StoredModel
from pitr_guardian.observation import Window


class Drift(StoredModel):
    """Protection found wanting, from the moment it was noticed until that has been told.

    ``period`` is the too short period that was found, in days; None where PITR was off.
    """

    noticed_at: Instant
    cause: Cause | None = None
    period: int | None = None

    @property
    def kind(self) -> str:
        """What is wrong, in a word or two that stay the same while it does."""
        return "off" if self.period is None else f"period:{self.period}"


@dataclass(frozen=True, slots=True)
class Memory:
    """One table's record in the ledger; empty for a table never seen."""

    table_id: str | None = None
    period: int | None = None
    """The recovery period remembered as the table's own, in days."""
    window: Window | None = None
    """The window last seen."""
    seen_on_at: datetime | None = None
    """When PITR was last known to be on."""
    drift: Drift | None = None
    """A drift that was noticed and is not settled yet: the guardian may have died in between."""
    tolerated: Drift | None = None
    """The drift last reported and left alone (exempt table, or notify-only)."""
    last_event_id: str | None = None
    """The event behind the drift settled last."""
    strife: Strife = PEACE
    """How often the table was disabled or shortened of late."""
    expected: bool = False
    """Whether the table is a restore's of ours: its birth is told as the restore's completion."""

    @property
    def ever_on(self) -> bool:
        """Whether PITR was ever seen on."""
        return self.seen_on_at is not None

    def sighted(self, at: datetime | None) -> "Memory":
        """The same, where the table was seen with PITR on at that time, if it was."""
        if at is None or self.seen_on_at is None or at <= self.seen_on_at:
            return self
        return replace(self, seen_on_at=at)

    def of(self, table_id: str | None) -> "Memory":
        """What is remembered of the table with this id; nothing, if the name has a new bearer."""
        if table_id is None or self.table_id in (None, table_id):
            return replace(self, table_id=table_id or self.table_id)
        return Memory(table_id=table_id)


@dataclass(frozen=True, slots=True)
class Mended:
    """A drift that was put right, and isn't told yet: nothing has said so far who did it."""

    before: Memory
    """What was remembered until then, the drift included."""
    at: datetime
    """When it was put right."""
    period: int
    """The recovery period since, in days."""
    reason: str
    """The decision's sentence."""
    verdict: Verdict
    count: int
    """How many incidents there were within the hour, this one included."""

    @property
    def drift(self) -> Drift:
        """The drift."""
        if self.before.drift is None:
            raise ValueError("nothing was mended")
        return self.before.drift

"""What the ledger remembers of a table, since DynamoDB forgets it the moment PITR goes off."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from pitr_guardian.basics.instants import (
    Instant,
    iso,
)
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.fight import (
    PEACE,
    Strife,
    Verdict,
)
from pitr_guardian.tables.observation import Window


class How(StrEnum):
    """How restore points went although PITR is on as it should be."""

    SWITCHED = "switched-off-and-on"
    SHORTENED = "shortened-and-lengthened"
    BY_TAG = "by-tag"


class Lost(StoredModel):
    """Restore points that are gone: those from ``earliest`` until the window's new beginning."""

    how: How
    earliest: Instant
    latest: Instant


class Drift(StoredModel):
    """Protection found wanting, from the moment it was noticed until that has been told.

    ``period`` is the too short period that was found, in days; None where PITR was off. Where
    restore points were found gone, ``lost`` says which, and ``period`` is the one since.
    """

    noticed_at: Instant
    cause: Cause | None = None
    period: int | None = None
    earliest: Instant | None = None
    """Where the window began when a too short period was found."""
    lost: Lost | None = None
    suspected: bool = False
    """Whether an event alone says that PITR was switched off, and no look has seen it yet."""

    @property
    def confirmed(self) -> "Drift":
        """The same, seen."""
        return self.model_copy(update={"suspected": False})

    @property
    def kind(self) -> str:
        """What is wrong, in a word or two that stay the same while it does."""
        if self.lost is not None:
            return f"lost:{iso(self.lost.latest)}"
        return "off" if self.period is None else f"period:{self.period}"

    @property
    def is_off(self) -> bool:
        """Whether PITR was found off."""
        return self.period is None and self.lost is None

    @property
    def period_alone(self) -> bool:
        """Whether PITR was found on with a too short period, and nothing worse."""
        return self.period is not None and self.lost is None


class PutRight(StoredModel):
    """That a noted drift was put right, before that was told."""

    at: Instant
    """When: where a window began with it, by AWS's clock."""
    by: Instant
    """When it was surely so, by our clock: who began to look before may have seen it otherwise."""
    period: int
    """The recovery period since, in days."""
    reason: str
    """The decision's sentence."""


class Failing(StoredModel):
    """That a table can't be protected: since when, and when that was last told."""

    since: Instant
    told_at: Instant


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
    seen_period: int | None = None
    """The period that PITR had then, in days: by tag it may be shorter than the table's own."""
    born_at: datetime | None = None
    """When the table was created."""
    exempt_until: date | None = None
    """The last day of the exemption that the table had when it was last looked at."""
    found_off_at: datetime | None = None
    """When a sweep first found it off or its period too short, since it was last seen on."""
    has_key: bool = False
    """Whether a KMS key encrypted it when it was last looked at."""
    drift: Drift | None = None
    """A drift that was noticed and is not settled yet: the guardian may have died in between."""
    put_right: PutRight | None = None
    """How the noted drift was put right, where somebody has begun to tell of that."""
    tolerated: Drift | None = None
    """The drift last reported and left alone (exempt table, or notify-only)."""
    last_event_id: str | None = None
    """The event behind the drift settled last."""
    strife: Strife = PEACE
    """How often the table was disabled or shortened of late."""
    failing: Failing | None = None
    """That the table couldn't be protected when it was last tried, and since when."""
    copy_of: str | None = None
    """The id of the drill whose copy the table is: nobody protects it, or tells of it."""
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

    @property
    def confirmed(self) -> "Memory":
        """The same, where the drift that is noted was seen."""
        return replace(self, drift=self.drift.confirmed) if self.drift else self

    @property
    def is_blank(self) -> bool:
        """Whether the table was never seen in order, and no period is known to be its own."""
        return self.period is None and self.seen_on_at is None

    def is_of(self, table_id: str | None, born_at: datetime | None = None) -> bool:
        """Tell whether this is remembered of the table with this id, as far as can be told.

        What is remembered by a name only was seen before a table was born that has it now.
        """
        if table_id is None or self.table_id == table_id:
            return True
        if self.table_id is not None:
            return False
        return born_at is None or self.seen_on_at is None or self.seen_on_at >= born_at

    def of(self, table_id: str | None, born_at: datetime | None = None) -> "Memory":
        """What is remembered of the table with this id; nothing, if the name has a new bearer."""
        if not self.is_of(table_id, born_at):
            return Memory(table_id=table_id, born_at=born_at)
        return replace(self, table_id=table_id or self.table_id, born_at=born_at or self.born_at)


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

"""A table as it is now: what the guardian found when it looked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

OUT_OF_REACH = {
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": "the key that it is encrypted with can't be used. Give "
    "DynamoDB the key back within seven days of its loss; after that AWS archives the table",
    "ARCHIVING": "AWS is archiving it, since its key couldn't be used for seven days",
    "ARCHIVED": "AWS has archived it, since its key couldn't be used for seven days. What is left "
    "is the backup that AWS made then; restoring it needs the key",
}
"""Statuses of tables that nobody can restore to an instant, and what they mean (DynamoDB API
reference, ``TableStatus`` and ``ArchivalSummary``)."""


class Presence(Enum):
    """Whether a table can be worked on."""

    READY = auto()
    NOT_READY = auto()
    GOING = auto()
    """DELETING or being archived: switching PITR on would only leave a backup nobody asked for."""
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Window:
    """The instants a table can be restored to."""

    earliest: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Switch:
    """A table's PITR; period, in days, and window are known only while it is on."""

    on: bool
    period: int | None = None
    window: Window | None = None

    def satisfies(self, period: int) -> bool:
        """Whether PITR is on, with this period or a longer one."""
        return self.on and (self.period is None or self.period >= period)


@dataclass(frozen=True, slots=True)
class Seen:
    """A table as a sweep sees it: which one it is, how it stands, and its PITR."""

    switch: Switch
    table_id: str | None = None
    born_at: datetime | None = None
    status: str = "ACTIVE"
    has_key: bool = False
    """Whether a KMS key encrypts it: without the key, nobody can restore it."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What DynamoDB answered. Period and window are known only while PITR is on."""

    presence: Presence
    status: str
    table_id: str | None = None
    created_at: datetime | None = None
    pitr_on: bool = False
    period: int | None = None
    window: Window | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    has_key: bool = False
    """Whether a KMS key encrypts it."""
    archival_backup: str | None = None
    """The ARN of the backup into which DynamoDB archived the table, as its key can't be used."""

    @property
    def is_out_of_reach(self) -> bool:
        """Whether the table is there, but nobody can read or restore it: its key is gone."""
        return self.status in OUT_OF_REACH

    @property
    def switch(self) -> Switch:
        """Its PITR alone."""
        return Switch(self.pitr_on, self.period, self.window)

    @property
    def is_off(self) -> bool:
        """Whether the table could be protected now, and isn't."""
        return self.presence is Presence.READY and not self.pitr_on

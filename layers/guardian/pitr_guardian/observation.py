"""A table as it is now: what the guardian found when it looked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto


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

    @property
    def is_off(self) -> bool:
        """Whether the table could be protected now, and isn't."""
        return self.presence is Presence.READY and not self.pitr_on

"""A member: one region of one account that sends heartbeats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

SILENT_AFTER = timedelta(hours=3)
"""How long after its last heartbeat a member is told to be silent. It sends one an hour."""

FORGOTTEN_AFTER = timedelta(days=7)
"""How long after its last heartbeat a member isn't swept any more."""


@dataclass(frozen=True, slots=True)
class Member:
    """What is known of a member."""

    account: str
    region: str
    heard_at: datetime
    """When its last heartbeat was sent, of those that came."""
    silence_told: bool = False
    """Whether it was told that it is silent, since it was last heard."""

    def is_silent(self, now: datetime) -> bool:
        """Tell whether it hasn't been heard for too long."""
        return now - self.heard_at >= SILENT_AFTER

    def is_forgotten(self, now: datetime) -> bool:
        """Tell whether nobody expects it any more."""
        return now - self.heard_at >= FORGOTTEN_AFTER

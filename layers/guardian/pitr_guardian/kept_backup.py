"""The system backup that AWS keeps of a deleted table."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """The system backup that AWS keeps of a deleted table for 35 days: one instant."""

    arn: str
    created_at: datetime

"""A restore under way: whose the target is, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Progress(StrEnum):
    """How far a restore's target is, in the words the workflow branches on."""

    RESTORING = "restoring"
    ACTIVE = "active"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Target:
    """A restore's target as DynamoDB shows it.

    ``source_arn`` and ``restored_to`` are the lineage; AWS shows it only until the table is ACTIVE.
    """

    status: str
    index_statuses: tuple[str, ...] = ()
    source_arn: str | None = None
    restored_to: datetime | None = None

    def comes_from(self, source_arn: str, instant: datetime | None) -> bool:
        """Tell whether this is the restore that was asked for (to the latest: any instant)."""
        if self.source_arn != source_arn:
            return False
        return instant is None or self.restored_to in (None, instant)


def progress_of(target: Target | None) -> Progress:
    """Tell how far a target is: done means the table and all of its indexes are ACTIVE."""
    if target is None:
        return Progress.MISSING
    if {target.status, *target.index_statuses} == {"ACTIVE"}:
        return Progress.ACTIVE
    return Progress.RESTORING

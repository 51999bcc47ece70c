"""A drill's copy: whether a table that has its name is the one that the drill made."""

from dataclasses import dataclass
from datetime import datetime

from pitr_guardian.drills.record import DrillRecord


@dataclass(frozen=True, slots=True)
class Copy:
    """A table of a copy's name, as ``DescribeTable`` shows it.

    ``source_arn`` is the table that it is restored from, which AWS shows only until it is ACTIVE
    (``RestoreSummary``).
    """

    status: str
    table_id: str | None = None
    created_at: datetime | None = None
    source_arn: str | None = None


def is_copy_of(found: Copy, record: DrillRecord) -> bool:
    """Tell whether a table is the one that a drill made; nobody else's may be deleted."""
    if record.copy_id is not None:
        return found.table_id == record.copy_id
    if record.called_at is None:
        return False
    # AWS was asked, and its answer was lost.
    if found.source_arn is not None:
        return found.source_arn == record.order.table.arn
    return (
        found.status != "CREATING"
        and found.created_at is not None
        and found.created_at >= record.called_at.replace(microsecond=0)
    )

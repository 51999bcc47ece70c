"""The backups that are left of a table, as DynamoDB lists them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

BackupType = Literal["USER", "SYSTEM", "AWS_BACKUP"]
"""On demand; kept by AWS of a deleted table; made by AWS Backup (API reference, BackupSummary)."""

# The backup of a deleted table is dated by DynamoDB, its deletion by CloudTrail, to a second.
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeptBackup:
    """One backup that can be restored: the table as it was at one instant."""

    arn: str
    created_at: datetime
    type: BackupType = "SYSTEM"
    table_id: str | None = None
    """The id of the table it is of: another bearer of the name has another."""


def newest_first[Kept: KeptBackup](backups: Iterable[Kept]) -> list[Kept]:
    """Sort backups by their instants."""
    return sorted(backups, key=lambda backup: (backup.created_at, backup.arn), reverse=True)


def deletion_backup(
    backups: Sequence[KeptBackup], table_id: str | None, deleted_at: datetime | None = None
) -> KeptBackup | None:
    """Find the backup that AWS kept of a deleted table.

    Args:
        backups: those of tables of its name.
        table_id: the table's id; None where that isn't known, and the newest is meant.
        deleted_at: when it was deleted, where that is known: only a backup of then is its own.
    """
    kept = (backup for backup in newest_first(backups) if backup.type == "SYSTEM")
    if table_id is not None:
        return next((backup for backup in kept if backup.table_id == table_id), None)
    if deleted_at is not None:
        kept = (backup for backup in kept if backup.created_at >= deleted_at - _SKEW)
    return next(kept, None)


def other_backups(
    backups: Sequence[KeptBackup], table_id: str | None, born_at: datetime | None
) -> list[KeptBackup]:
    """Find the backups that were made by others than AWS itself, newest first.

    Args:
        backups: those of tables of the name.
        table_id: the id of the table they are to be of, where it is known.
        born_at: when it was born, else: what is older is another table's.
    """
    made = (backup for backup in newest_first(backups) if backup.type != "SYSTEM")
    if table_id is not None:
        return [backup for backup in made if backup.table_id in (None, table_id)]
    return [backup for backup in made if born_at is None or backup.created_at >= born_at]

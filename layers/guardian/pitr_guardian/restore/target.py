"""A restore's source and target as DynamoDB shows them: what there is, and whose it is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.kept_backup import KeptBackup
from pitr_guardian.tables.observation import Observed


class Progress(StrEnum):
    """How far a restore's target is, in the words the workflow branches on."""

    RESTORING = "restoring"
    ACTIVE = "active"
    MISSING = "missing"
    REPLACED = "replaced"
    """Another table of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup(KeptBackup):
    """A backup, looked into. Only one that is AVAILABLE can be restored."""

    definition: Definition
    status: str = "AVAILABLE"
    ttl: dict[str, Any] | None = None
    stream: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to restore from. ``definition`` is None where there is nothing."""

    observed: Observed
    definition: Definition | None
    backup: Backup | None = None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What a restore was made from, as ``RestoreSummary`` tells it."""

    source_arn: str | None = None
    backup_arn: str | None = None
    restored_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A restore's target. AWS shows the lineage only until the table is ACTIVE."""

    status: str
    index_statuses: tuple[str, ...] = ()
    table_id: str | None = None
    created_at: datetime | None = None
    lineage: Lineage | None = None

    @property
    def is_active(self) -> bool:
        """Whether the table and all of its indexes are ACTIVE."""
        return {self.status, *self.index_statuses} == {"ACTIVE"}

    def is_restore(self, wanted: Lineage, called_at: datetime) -> bool:
        """Tell whether this is the restore that a call of ours may have made.

        Args:
            wanted: what was asked for; no ``restored_to`` stands for the latest instant.
            called_at: when the call was made whose answer is not known.
        """
        if self.lineage is None:
            # A finished restore shows no lineage. A table of that name that became ACTIVE after a
            # call whose answer was lost is ours; one that is CREATING without lineage is not.
            return (
                self.status == "ACTIVE"  # its indexes may need longer
                and self.created_at is not None
                and self.created_at >= called_at.replace(microsecond=0)
            )
        if wanted.backup_arn is not None:
            return self.lineage.backup_arn == wanted.backup_arn
        return self.lineage.source_arn == wanted.source_arn and (
            wanted.restored_to is None or self.lineage.restored_to in (None, wanted.restored_to)
        )


def progress_of(target: Target | None, table_id: str | None) -> Progress:
    """Tell how far a target is.

    Args:
        target: the table of the target's name, if there is one.
        table_id: the id that the restored table was given, where AWS told it.
    """
    if target is None:
        return Progress.MISSING
    if table_id is not None and target.table_id not in (None, table_id):
        return Progress.REPLACED
    return Progress.ACTIVE if target.is_active else Progress.RESTORING

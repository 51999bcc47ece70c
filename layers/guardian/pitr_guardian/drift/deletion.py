"""A table was deleted: tell it, with the backups that are left and the request that rescues it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import (
    Clock,
    spoken,
)
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.look import Look
from pitr_guardian.drift.memory import Memory
from pitr_guardian.drift.ports import (
    DeletionBackups,
    DeletionRecord,
    Looks,
)
from pitr_guardian.facts.facts import (
    OtherBackup,
    Severity,
    TableDeleted,
    TableId,
    fact_id,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.tables.bounds import (
    Bounds,
    rescue_of,
)
from pitr_guardian.tables.kept_backup import (
    KeptBackup,
    deletion_backup,
    other_backups,
)
from pitr_guardian.tables.reference import TableRef

BACKUP_SHOWS_WITHIN = timedelta(minutes=1)
"""AWS's backup of a deleted table is visible after 5 to 10 seconds; this is on the safe side."""

BACKUP_KEPT = timedelta(days=35)
"""How long AWS keeps it (developer guide, point-in-time recovery)."""

_MOST_TOLD = 20
"""Other backups that a fact names; a table may have one for each day of years."""


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a deleted table."""

    deletion: KeptBackup | None
    others: list[KeptBackup]

    @property
    def best(self) -> KeptBackup | None:
        """The one that has most of the table: AWS's own is of its very end."""
        return self.deletion or next(iter(self.others), None)


@dataclass(frozen=True, slots=True)
class DeletionWatch:
    """Tells of deleted tables, each deletion once."""

    kept: DeletionBackups
    ledger: DeletionRecord
    facts: Facts
    looks: Looks
    bounds: Bounds
    clock: Clock

    def handle(self, look: Look, claimant: str) -> None:
        """Look for a deleted table's backups, and tell what there is; then let it be forgotten.

        Args:
            look: the table, and the deleting call.
            claimant: who is asking; the same on each redelivery of one message.
        """
        cause = look.cause
        if cause is None:
            raise ValueError("a deletion has a cause")
        try:
            memory = self.ledger.recall(look.ref, cause.table_id, cause.born_at)
            if memory.copy_of is not None:  # its drill tells what there is to tell
                return
            born_at = cause.born_at or memory.born_at
            left = _left_of(self.kept.backups_of(look.ref), cause, born_at)
            if left.deletion is None and self.clock() - cause.time < BACKUP_SHOWS_WITHIN:
                self.looks.put_back(look.again())
                return
            born_at = born_at or self._birth(look.ref, left.best)
        except TryLaterError:
            self.looks.put_back(look.again())
            return
        severity = severity_of(
            "Table Deleted",
            exempt=_was_exempt(memory, cause.time),
            age=cause.time - born_at if born_at else None,
            can_come_back=left.best is not None,
        )
        fact = _deleted(look.ref, cause, left, severity, self.bounds, self.clock())
        if self.ledger.claim_fact(look.ref, fact.id, claimant, self.clock()):
            self.facts.publish(fact)
            self.ledger.settle_fact(look.ref, fact)
        # Whoever told it: one that was told by a look that died then is let go by the next.
        self.ledger.let_expire(look.ref, cause.table_id, cause.time, self.clock())

    def _birth(self, table: TableRef, backup: KeptBackup | None) -> datetime | None:
        try:
            return self.kept.birth_of_table(table, backup.arn) if backup else None
        except RefusedError:  # the age only softens the telling: better loud than silent
            return None


def _left_of(backups: Sequence[KeptBackup], cause: Cause, born_at: datetime | None) -> _Left:
    deletion = deletion_backup(backups, cause.table_id, cause.time)
    # Of a removed replica no id is told; the backup that AWS kept of it has it.
    table_id = cause.table_id or (deletion.table_id if deletion else None)
    return _Left(deletion, other_backups(backups, table_id, born_at))


def _was_exempt(memory: Memory, deleted_at: datetime) -> bool:
    return memory.exempt_until is not None and deleted_at.date() <= memory.exempt_until


def _deleted(
    table: TableRef,
    cause: Cause,
    left: _Left,
    severity: Severity,
    bounds: Bounds,
    now: datetime,
) -> TableDeleted:
    deletion, best = left.deletion, left.best
    rescue_before = deletion.created_at + BACKUP_KEPT if deletion else None
    rescue = rescue_of(table, best.arn, bounds) if best else None
    sentences = [_sentence(table, cause, left)]
    if isinstance(rescue, str):
        sentences.append(rescue)
    elif rescue and rescue["targetTable"] != table.name:
        sentences.append(
            f"The stack restores to tables named {bounds.target} only, so the request's target is "
            f"{rescue['targetTable']}."
        )
    return TableDeleted(
        id=fact_id(table.arn, "deleted", cause.event_id),
        time=now,
        severity=severity,
        reason=" ".join(sentences),
        table=TableId.of(table),
        actor=cause.actor,
        backup_arn=deletion.arn if deletion else None,
        rescue_before=rescue_before,
        request=None if isinstance(rescue, str) else rescue,
        other_backups=tuple(
            OtherBackup(arn=backup.arn, type=backup.type, created_at=backup.created_at)
            for backup in left.others[:_MOST_TOLD]
        ),
        replica_of=cause.replica_of,
    )


_MADE = {"USER": "on demand", "AWS_BACKUP": "by AWS Backup"}
_VAULTS = "AWS Backup's vaults weren't looked into: recovery points may be left there."


def _sentence(table: TableRef, cause: Cause, left: _Left) -> str:
    what = f"The table {table.name} was deleted"
    if cause.replica_of:
        what = f"The replica of {table.name} in {table.region} was removed"
    if left.deletion is not None:
        before = left.deletion.created_at + BACKUP_KEPT
        return f"{what}; it can be brought back until {spoken(before)}."
    # AWS keeps a backup of a deleted table where PITR was on (developer guide). That it does so of
    # a replica that is removed is written nowhere.
    why = "" if cause.replica_of else ", as it does where PITR is on"
    what = f"{what}; AWS kept no backup of it{why}."
    if left.best is None:
        return f"{what} No other backup of it is in DynamoDB. {_VAULTS}"
    number = f" It is the newest of {len(left.others)}." if len(left.others) > 1 else ""
    return (
        f"{what} It can be brought back as it was at {spoken(left.best.created_at)}, from a backup "
        f"made {_MADE[left.best.type]}; what was written since is lost.{number} {_VAULTS}"
    )

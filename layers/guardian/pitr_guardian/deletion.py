"""A table was deleted: tell it, with the backup that AWS kept and the request that rescues it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.change import Cause
from pitr_guardian.facts import TableDeleted, TableId, fact_id
from pitr_guardian.instants import Clock, spoken
from pitr_guardian.kept_backup import KeptBackup
from pitr_guardian.look import Look
from pitr_guardian.ports import DeletionBackups, FactClaims, Facts, Looks, TryLaterError
from pitr_guardian.table import TableRef

BACKUP_SHOWS_WITHIN = timedelta(minutes=1)
"""AWS's backup of a deleted table is visible after 5 to 10 seconds; this is on the safe side."""

BACKUP_KEPT = timedelta(days=35)
"""How long AWS keeps it (developer guide, point-in-time recovery)."""


@dataclass(frozen=True, slots=True)
class DeletionWatch:
    """Tells of deleted tables, each deletion once."""

    kept: DeletionBackups
    ledger: FactClaims
    facts: Facts
    looks: Looks
    clock: Clock

    def handle(self, look: Look, claimant: str) -> None:
        """Look for a deleted table's backup, and tell what there is.

        Args:
            look: the table, and the deleting call.
            claimant: who is asking; the same on each redelivery of one message.
        """
        cause = look.cause
        if cause is None:
            raise ValueError("a deletion has a cause")
        try:
            backup = self.kept.deletion_backup_of(look.ref, cause.table_id)
        except TryLaterError:
            self.looks.put_back(look.again())
            return
        if backup is None and self.clock() - cause.time < BACKUP_SHOWS_WITHIN:
            self.looks.put_back(look.again())
            return
        fact = _deleted(look.ref, cause, backup, self.clock())
        if self.ledger.claim_fact(look.ref, fact.id, claimant, self.clock()):
            self.facts.publish(fact)
            self.ledger.settle_fact(look.ref, fact)


def _deleted(
    table: TableRef, cause: Cause, backup: KeptBackup | None, now: datetime
) -> TableDeleted:
    rescue_before = backup.created_at + BACKUP_KEPT if backup else None
    reason = f"The table {table.name} was deleted"
    if rescue_before is None:
        reason += "; AWS kept no backup of it, since PITR was off. It can't be brought back."
    else:
        reason += f"; it can be brought back until {spoken(rescue_before)}."
    return TableDeleted(
        id=fact_id(table.arn, "deleted", cause.event_id),
        time=now,
        severity="critical" if backup is None else "warning",
        reason=reason,
        table=TableId.of(table),
        actor=cause.actor,
        backup_arn=backup.arn if backup else None,
        rescue_before=rescue_before,
        request=None
        if backup is None
        else {"sourceTable": table.arn, "targetTable": table.name, "restoreTo": "deletion"},
    )

"""Removing a drill's copy, and nothing else."""

from dataclasses import dataclass

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills.copies import is_copy_of
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.ports import CopyRecord, DrillNotUnderWayError, RemovableCopies
from pitr_guardian.drills.record import DrillRecord


@dataclass(frozen=True, slots=True)
class CopyRemoval:
    """Asks AWS to delete a copy until it is gone; PITR was never on, so that no backup is left."""

    ledger: CopyRecord
    copies: RemovableCopies
    clock: Clock

    def remove(self, drill_id: str) -> dict[str, bool]:
        """Ask for a copy's deletion, or see that it is gone.

        Returns:
            ``{"gone": False}``: look again; or ``{"gone": True}``, recorded.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: AWS doesn't let the guardian, or somebody has protected the copy.
        """
        record = self.ledger.record_of(drill_id)
        if record is None:
            raise DrillNotUnderWayError(f"the ledger knows of no drill {drill_id}")
        return {"gone": self.gone(record)}

    def gone(self, record: DrillRecord) -> bool:
        """The same for a drill that was read; tell whether its copy is gone."""
        order = record.order
        if order.kind is Kind.SMALL:
            return True
        # Whoever was killed between recording that it is gone and the end of that comes again.
        was_gone = record.removed_at is not None
        found = None if was_gone else self.copies.copy_at(order.copy_ref)
        if found is None or not is_copy_of(found, record):
            self.ledger.settle_copy(order.drill_id, self.clock())
            return True
        if record.copy_id is None:
            self.ledger.note_copy(order.drill_id, found.table_id)
        if found.status == "DELETING":
            return False
        try:
            self.copies.delete(order.copy_ref)
        except TryLaterError:
            # A table can't be deleted while it is restored (API reference, DeleteTable:
            # ResourceInUseException of one that is CREATING). It is asked again.
            if found.status != "CREATING":
                raise
        return False

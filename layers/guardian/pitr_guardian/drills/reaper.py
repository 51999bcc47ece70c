"""Removing the copies of drills that nobody will remove any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills.ports import LeftCopies
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.refusal import Log
from pitr_guardian.drills.removal import CopyRemoval

_AFTER_THE_END = timedelta(minutes=15)
"""A workflow that has told its answer is done with its copy; this is on the safe side."""
_LONGEST_PROOF = timedelta(days=1)
"""What a drill may take besides the restore itself."""


@dataclass(frozen=True, slots=True)
class Reaper:
    """Removes what drills left behind."""

    ledger: LeftCopies
    removal: CopyRemoval
    restore_timeout: timedelta
    clock: Clock
    log: Log

    def reap(self) -> int:
        """Ask for the deletion of every copy that is nobody's any more.

        One that can't be deleted stops no other, and is tried again the next time.

        Returns:
            how many copies are gone by now.
        """
        gone = 0
        for drill_id in self.ledger.copies():
            record = self.ledger.record_of(drill_id)
            if record is None or not is_left(record, self.clock(), self.restore_timeout):
                continue
            name = record.order.copy_ref
            try:
                is_gone = self.removal.gone(record)
            except (RefusedError, TryLaterError) as problem:
                self.log(drill_id, f"left its copy {name}, which can't be removed: {problem}")
                continue
            self.log(drill_id, f"left its copy {name}; it is {'gone' if is_gone else 'deleted'}")
            gone += is_gone
        return gone


def is_left(record: DrillRecord, now: datetime, restore_timeout: timedelta) -> bool:
    """Tell whether nobody else will remove a drill's copy: the drill has ended, or hangs."""
    if record.answer is not None:
        return now > record.answer.time + _AFTER_THE_END
    begun = record.active_at or record.order.accepted_at + restore_timeout
    return now > begun + _LONGEST_PROOF

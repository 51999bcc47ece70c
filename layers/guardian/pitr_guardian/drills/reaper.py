"""Removing the copies of drills that nobody will remove any more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills.ports import DrillEndings, LeftCopies
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.refusal import Log
from pitr_guardian.drills.removal import CopyRemoval

_AFTER_THE_END = timedelta(minutes=15)
"""A workflow that has told its answer is done with its copy; this is on the safe side."""
USUAL, LONGEST = timedelta(days=1), timedelta(days=3)
"""So long after it was ACTIVE a copy is nobody's, unless its drill is still going on; and so long
it is spared then. All items of the largest tables take more than a day to compare."""


@dataclass(frozen=True, slots=True)
class Reaper:
    """Removes what drills left behind."""

    ledger: LeftCopies
    workflow: DrillEndings
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
            if record is None:
                continue
            name = record.order.copy_ref
            try:
                if not self._is_left(record):
                    continue
                is_gone = self.removal.gone(record)
            except (RefusedError, TryLaterError) as problem:
                self.log(drill_id, f"left its copy {name}, which can't be removed: {problem}")
                continue
            self.log(drill_id, f"left its copy {name}; it is {'gone' if is_gone else 'deleted'}")
            gone += is_gone
        return gone

    def _is_left(self, record: DrillRecord) -> bool:
        """Tell whether nobody else will remove a drill's copy; a drill that hangs is stopped.

        Its copy isn't taken from a drill that goes on: it would tell that somebody else deleted it.
        """
        now, drill_id = self.clock(), record.order.drill_id
        if record.answer is not None:
            return now > record.answer.time + _AFTER_THE_END
        age = age_of_copy(record, now, self.restore_timeout)
        if age <= USUAL:
            return False
        if self.workflow.ending_of(drill_id) is not None:
            return True
        if age > LONGEST:
            # Who answers for executions that ended from outside tells it; the copy goes next.
            self.workflow.stop(
                drill_id, f"the guardian ended it, as its copy was there for {LONGEST.days} days"
            )
            self.log(drill_id, f"stopped: it was not over after {LONGEST.days} days")
        return False


def age_of_copy(record: DrillRecord, now: datetime, restore_timeout: timedelta) -> timedelta:
    """How long a copy has been there, at least, for a drill to do something with it."""
    return now - (record.active_at or record.order.accepted_at + restore_timeout)

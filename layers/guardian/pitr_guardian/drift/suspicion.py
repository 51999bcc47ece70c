"""What an event alone says: PITR was switched off. It is noted beside the reads that tell whether.

A note that waits for the reads makes a table wait for a round trip more. A suspicion is as good as
a note to whoever sees PITR off: it was in the ledger before the call that switches PITR on. Whoever
sees it on takes his own suspicion back. Others' is either the trace of a look that has put the
table right, which the window tells, or that of one that died, or is still about to see for itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.look import Look
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.drift.ports import Ledger
from pitr_guardian.tables.observation import (
    Observed,
    Presence,
    Window,
)
from pitr_guardian.tables.policy import Mode
from pitr_guardian.tables.reference import TableRef

ALIVE = timedelta(minutes=2)
"""How long whoever suspects may be at it: longer than the function may run."""

ROUNDING = timedelta(seconds=1)
"""AWS may tell a window's beginning in whole seconds."""


@dataclass(frozen=True, slots=True)
class Suspicions:
    """Notes what events say, and judges what was noted so."""

    ledger: Ledger

    def suspect(self, look: Look, mode: Mode, at: datetime) -> Memory | None:
        """Note what the event behind a look says, where PITR would be put right at once.

        Returns:
            what is remembered, with the suspicion; None where none was noted.
        """
        cause = look.cause
        if cause is None or not cause.disables or cause.time > at or mode is Mode.NOTIFY_ONLY:
            return None
        return self.ledger.suspect(look.ref, Drift(noticed_at=at, cause=cause, suspected=True))

    def recall(
        self, table: TableRef, observed: Observed, mine: Memory | None, at: datetime
    ) -> Memory:
        """Recall a table whose PITR isn't off; what is suspected of it is judged.

        Args:
            table: the table.
            observed: how it was seen.
            mine: what this look has noted of it, if it did.
            at: when the look began.

        Raises:
            TryLaterError: another look may be about to put the table right.
        """
        if mine is not None and mine.drift is not None:
            self.ledger.take_back(table, mine.drift)
        memory = self._recall(table, observed)
        drift = memory.drift
        if drift is None or not drift.suspected or observed.presence is not Presence.READY:
            return memory
        if _was_put_right(drift, observed.window):
            return memory.confirmed
        if at - drift.noticed_at <= ALIVE:
            raise TryLaterError("another look suspects that PITR was switched off")
        self.ledger.take_back(table, drift)
        memory = self._recall(table, observed)
        if memory.drift is not None and memory.drift.suspected:
            raise TryLaterError("another look suspects that PITR was switched off")
        return memory

    def _recall(self, table: TableRef, observed: Observed) -> Memory:
        return self.ledger.recall(table, observed.table_id, observed.created_at)


def _was_put_right(suspicion: Drift, window: Window | None) -> bool:
    """Tell whether PITR was switched on since somebody suspected that it is off."""
    return window is None or window.earliest >= suspicion.noticed_at - ROUNDING

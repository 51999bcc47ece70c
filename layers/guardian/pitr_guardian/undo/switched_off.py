"""Where the stack may touch no table's items: every undo is refused, with the remedy."""

from dataclasses import dataclass
from typing import Literal

from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.reference import Home
from pitr_guardian.undo.ports import UndoEventAnswers
from pitr_guardian.undo.refusal import Event, Log, Refusals

_WHY = (
    "table: the stack may not touch any table's items: its parameter UndoTablePattern is empty; "
    "set it to the names of the tables that may be put right, and ask again"
)


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """Refuses requests and approvals; it needs no right to any table."""

    ledger: UndoEventAnswers
    facts: Facts
    home: Home
    clock: Clock
    log: Log

    def refuse(self, asks_for: Literal["undo", "approval"], detail: object, event_id: str) -> None:
        """Refuse an event.

        Args:
            asks_for: what it asks for.
            detail: its detail, whatever it is.
            event_id: its id.
        """
        event = Event(asks_for, detail, event_id)
        refusals = Refusals(self.ledger, self.facts, self.home, self.clock, self.log)
        if not refusals.told_before(event):
            refusals.tell(event, _WHY)

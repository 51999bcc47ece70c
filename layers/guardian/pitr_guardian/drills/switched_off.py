"""Where the stack drills nothing: every request is refused, with the remedy."""

from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills.ports import DrillEventAnswers
from pitr_guardian.drills.refusal import Log, Refusals
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.reference import Home

_WHY = (
    "table: the stack drills no table: its parameter DrillTagKey is empty; set it to the key of "
    "the tag that says how often, such as pitr-guardian:drill, and ask again"
)


@dataclass(frozen=True, slots=True)
class DrillsSwitchedOff:
    """Refuses requests; it needs no right to any table."""

    ledger: DrillEventAnswers
    facts: Facts
    home: Home
    clock: Clock
    log: Log

    def refuse(self, detail: object, event_id: str) -> None:
        """Refuse an event, whatever its detail is."""
        refusals = Refusals(self.ledger, self.facts, self.home, self.clock, self.log)
        if not refusals.told_before(event_id):
            refusals.tell(detail, event_id, _WHY)

"""Refusing drills: the same answer however often the event comes."""

from collections.abc import Callable
from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.drills.intake import told_of_drill
from pitr_guardian.drills.ports import DrillEventAnswers
from pitr_guardian.drills.telling import LONGEST_ERROR
from pitr_guardian.facts.drill_facts import DrillRejected
from pitr_guardian.facts.facts import TableId, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.reference import Home, InvalidTableError, TableRef

Log = Callable[[str, str], None]
"""Takes the drill's id and what is to be said of it."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """Answers requests with ``DrillRejected``."""

    ledger: DrillEventAnswers
    facts: Facts
    home: Home
    clock: Clock
    log: Log

    def told_before(self, event_id: str) -> bool:
        """Tell the refusal that an event had, if it had one: looked at now, it might be another."""
        given = self.ledger.answer_to(event_id)
        if given is not None:
            self.facts.publish(given)
        return given is not None

    def tell(self, detail: object, event_id: str, error: str, *, is_readable: bool = True) -> None:
        """Refuse a request.

        Args:
            detail: the event's detail, whatever it is.
            event_id: the event's id.
            error: why, and what to do; it names the field.
            is_readable: False: it is refused each time, and alike, so that nothing is recorded.
        """
        told = told_of_drill(detail, event_id)
        error = legible(error, LONGEST_ERROR)
        self.log(told["drill_id"], f"rejected: {error}")
        answer = DrillRejected(
            id=fact_id("drill-rejected", event_id),
            time=self.clock(),
            severity="warning",
            reason=f"The drill was not begun. {error}.",
            table=self._table(detail),
            error=error,
            **told,
        )
        to_tell = self.ledger.note_answer(event_id, answer, self.clock()) if is_readable else answer
        if to_tell is not None:
            self.facts.publish(to_tell)

    def _table(self, detail: object) -> TableId | None:
        named = mapping(detail).get("table")
        try:
            return TableId.of(TableRef.parse(named, self.home)) if isinstance(named, str) else None
        except InvalidTableError:
            return None

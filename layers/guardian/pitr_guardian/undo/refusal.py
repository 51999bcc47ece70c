"""Refusing requests and approvals: the same answer however often the event comes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pitr_guardian.basics.instants import Clock
from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.facts import TableId, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.undo_facts import UndoRejected
from pitr_guardian.tables.reference import Home, InvalidTableError, TableRef
from pitr_guardian.undo.intake import told_of_undo
from pitr_guardian.undo.ports import UndoEventAnswers
from pitr_guardian.undo.record import UndoRecord
from pitr_guardian.undo.telling import LONGEST_ERROR

Log = Callable[[str, str], None]
"""Takes the plan's id and what is to be said of it."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event that asks for something: a plan (``undo``), or for carrying one out."""

    asks_for: Literal["undo", "approval"]
    detail: object
    id: str


@dataclass(frozen=True, slots=True)
class Refusals:
    """Answers events with ``UndoRejected``."""

    ledger: UndoEventAnswers
    facts: Facts
    home: Home
    clock: Clock
    log: Log

    def told_before(self, event: Event) -> bool:
        """Tell the refusal that an event had, if it had one: looked at now, it might be another."""
        given = self.ledger.answer_to(event.id)
        if given is not None:
            self.facts.publish(given)
        return given is not None

    def tell(
        self,
        event: Event,
        error: str,
        record: UndoRecord | None = None,
        *,
        is_readable: bool = True,
    ) -> None:
        """Refuse an event.

        Args:
            event: the event.
            error: why, and what to do; it names the field.
            record: what is recorded of the plan that it is about.
            is_readable: False: it is refused each time, and alike, so that nothing is recorded.
        """
        told = told_of_undo(event.detail, event.id)
        table = self._table(event.detail)
        if record is not None:
            told |= {"from_": record.order.from_, "to": record.order.to}
            table = record.order.table
        error = legible(error, LONGEST_ERROR)
        self.log(told["plan_id"], f"rejected: {error}")
        begun = "planned" if event.asks_for == "undo" else "carried out"
        answer = UndoRejected(
            id=fact_id("undo-rejected", event.id),
            time=self.clock(),
            severity="warning",
            reason=f"The undo was not {begun}. {error}.",
            table=table,
            error=error,
            **told,
        )
        to_tell = self.ledger.note_answer(event.id, answer, self.clock()) if is_readable else answer
        if to_tell is not None:
            self.facts.publish(to_tell)

    def _table(self, detail: object) -> TableId | None:
        named = mapping(detail).get("table")
        try:
            return TableId.of(TableRef.parse(named, self.home)) if isinstance(named, str) else None
        except InvalidTableError:
            return None

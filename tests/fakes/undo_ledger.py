"""What the ledger records of undos, and their workflows, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pitr_guardian.basics.ending import Ending
from pitr_guardian.facts.undo_facts import UndoCompleted, UndoFailed, UndoPlanned, UndoRejected
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.record import Phase, UndoRecord
from tests.fakes.event_answers import FakeEventAnswers


class FakeUndoLedger:
    """All of ``undo.ports`` that the ledger fulfils; what is kept has been JSON."""

    def __init__(self) -> None:
        self.records: dict[str, UndoRecord] = {}
        self.events: FakeEventAnswers[UndoRejected] = FakeEventAnswers()
        self.begun: dict[tuple[str, Phase], datetime] = {}
        """The phases that aren't closed, and when they began."""

    def record_of(self, plan_id: str) -> UndoRecord | None:
        return self.records.get(plan_id)

    def open(self, order: UndoOrder, *, event_id: str | None = None) -> UndoRecord:
        if order.plan_id not in self.records:
            self.events.take(event_id)
        kept = UndoOrder.model_validate_json(order.model_dump_json(by_alias=True))
        if order.plan_id not in self.records:
            self.begun[order.plan_id, Phase.PLAN] = kept.accepted_at
        return self.records.setdefault(order.plan_id, UndoRecord(kept))

    def answer_to(self, event_id: str) -> UndoRejected | None:
        return self.events.answers.get(event_id)

    def note_answer(
        self, event_id: str, answer: UndoRejected, now: datetime
    ) -> UndoRejected | None:
        return self.events.note(event_id, UndoRejected.model_validate(answer.detail()))

    def approve(self, plan_id: str, approval: Approval) -> UndoRecord:
        record = self.records[plan_id]
        if record.approval is None:
            self.events.take(approval.event_id)
            kept = Approval.model_validate_json(approval.model_dump_json(by_alias=True))
            self.records[plan_id] = replace(record, approval=kept)
            self.begun[plan_id, Phase.APPLY] = kept.approved_at
        return self.records[plan_id]

    def conclude(
        self, plan_id: str, phase: Phase, answer: UndoPlanned | UndoCompleted | UndoFailed
    ) -> UndoRecord:
        record = self.records[plan_id]
        if record.answer_of(phase) is None:
            kept = type(answer).model_validate(answer.detail())
            if phase is Phase.PLAN:
                assert not isinstance(kept, UndoCompleted)
                record = replace(record, plan=kept)
            else:
                assert not isinstance(kept, UndoPlanned)
                record = replace(record, outcome=kept)
            self.records[plan_id] = record
        return record

    def close(self, plan_id: str, phase: Phase) -> None:
        self.begun.pop((plan_id, phase), None)

    def unanswered(self, before: datetime) -> list[tuple[str, Phase]]:
        return [begun for begun, at in self.begun.items() if at < before]


class FakeUndoWorkflows:
    """``undo.ports.UndoStarts`` and ``UndoEndings`` in memory."""

    def __init__(self) -> None:
        self.started: list[tuple[str, Phase]] = []
        """In the order of their starts, each once."""
        self.endings: dict[tuple[str, Phase], Ending] = {}
        self.unreachable: Exception | None = None

    def start(self, plan_id: str, phase: Phase) -> None:
        if self.unreachable:
            raise self.unreachable
        if (plan_id, phase) not in self.started:
            self.started.append((plan_id, phase))

    def ending_of(self, plan_id: str, phase: Phase) -> Ending | None:
        return self.endings.get((plan_id, phase))

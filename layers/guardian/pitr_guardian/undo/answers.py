"""The answers that aren't the plan or its end: accepted, failed, and ended from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pitr_guardian.basics.caught import said_by
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.undo.ports import (
    UnansweredUndos,
    UndoAnswers,
    UndoEndings,
    UndoNotUnderWayError,
    UndoRecords,
)
from pitr_guardian.undo.record import Phase, UndoRecord
from pitr_guardian.undo.refusal import Log
from pitr_guardian.undo.telling import accepted, failed

_PATIENCE = timedelta(minutes=15)
"""So long after its beginning a phase may be on its way between the ledger and its workflow."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The plan workflow's first word: ``UndoAccepted``."""

    ledger: UndoRecords
    facts: Facts

    def accept(self, plan_id: str) -> dict[str, Any]:
        """Tell that the request was accepted; give ``{"revert": whether it is one}``.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan.
        """
        record = self.ledger.record_of(plan_id)
        if record is None:
            raise UndoNotUnderWayError(f"no plan {plan_id} is being made")
        self.facts.publish(accepted(record.order))
        return {"revert": record.order.request.revert is not None}


@dataclass(frozen=True, slots=True)
class Failure:
    """A workflow's last word where something went wrong: ``UndoFailed``, once."""

    ledger: UndoAnswers
    facts: Facts
    clock: Clock

    def fail(self, plan_id: str, phase: Phase, error: str, cause: str) -> None:
        """Answer with a failure, unless the phase has an answer; that one is told then.

        Args:
            plan_id: the plan's id.
            phase: which half failed.
            error: ``Error`` of what the workflow caught: the error's name.
            cause: its ``Cause``: for a Lambda, JSON with ``errorMessage``.
        """
        record = self.ledger.record_of(plan_id)
        if record is None or not _has_begun(record, phase):
            raise UndoNotUnderWayError(f"no {phase} of {plan_id} is under way")
        said = said_by(error, cause)
        _conclude(self.ledger, self.facts, record, phase, said, self.clock())


@dataclass(frozen=True, slots=True)
class UndoLastWord:
    """Answers for a workflow that can't: one that was ended from outside."""

    ledger: UnansweredUndos
    workflows: UndoEndings
    facts: Facts
    clock: Clock
    log: Log

    def speak(self, detail: Mapping[str, Any], time: str, phase: Phase) -> None:
        """Answer for an execution that ended without a word, if it was an undo's.

        Args:
            detail: of EventBridge's ``Step Functions Execution Status Change``.
            time: when that event happened, ISO 8601.
            phase: of which workflow the execution was.
        """
        ending = Ending.told(detail, time)
        plan_id = ending.execution
        record = self.ledger.record_of(plan_id)
        if record is None or not _has_begun(record, phase):
            self.log(plan_id, "not answered for: nobody asked the guardian for what was started")
            return
        self._answer(record, phase, ending)

    def reconcile(self) -> int:
        """Answer for whatever ended without anybody hearing of it; tell how many those were."""
        answered = 0
        for plan_id, phase in self.ledger.unanswered(self.clock() - _PATIENCE):
            ending = self.workflows.ending_of(plan_id, phase)
            record = self.ledger.record_of(plan_id)
            if ending is not None and record is not None:
                self._answer(record, phase, ending)
                answered += 1
        return answered

    def _answer(self, record: UndoRecord, phase: Phase, ending: Ending) -> None:
        if phase is Phase.PLAN and record.plan is None:
            # Its workflow may have been ended before its first word. Said twice, it is one fact.
            self.facts.publish(accepted(record.order))
        error = ending.as_error("workflow")
        _conclude(self.ledger, self.facts, record, phase, error, ending.at)


def _conclude(
    ledger: UndoAnswers,
    facts: Facts,
    record: UndoRecord,
    phase: Phase,
    error: str,
    at: datetime,
) -> None:
    """Tell the one answer of a phase: this failure, if there is none."""
    plan_id = record.order.plan_id
    if record.answer_of(phase) is None:
        record = ledger.conclude(plan_id, phase, failed(record, phase, error, at))
    answer = record.answer_of(phase)
    if answer is not None:
        facts.publish(answer)
    ledger.close(plan_id, phase)


def _has_begun(record: UndoRecord, phase: Phase) -> bool:
    return phase is Phase.PLAN or record.approval is not None

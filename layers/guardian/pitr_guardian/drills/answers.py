"""The answers that aren't the evidence's: begun, failed without any, and ended from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pitr_guardian.basics.caught import said_by
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.ports import DrillAnswers, DrillEndings, DrillRecords, UnansweredDrills
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.refusal import Log
from pitr_guardian.drills.telling import failed_without_evidence, started
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.facts.ports import Facts

_PATIENCE = timedelta(minutes=15)
"""So long after its acceptance a drill may be on its way between the ledger and its workflow."""


@dataclass(frozen=True, slots=True)
class DrillGreeting:
    """The workflow's first word: ``DrillStarted``."""

    ledger: DrillRecords
    facts: Facts

    def greet(self, drill_id: str) -> dict[str, Any]:
        """Tell that a drill began; give ``{"kind": "full"}`` or ``"small"``.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
        """
        order = under_way(self.ledger, drill_id).order
        self.facts.publish(started(order))
        return {"kind": order.kind.value}


@dataclass(frozen=True, slots=True)
class DrillFailure:
    """The workflow's last word where no evidence could be written: ``DrillFailed``, once."""

    ledger: DrillAnswers
    facts: Facts
    clock: Clock

    def fail(self, drill_id: str, error: str, cause: str, *, removed: bool) -> None:
        """Answer with a failure, unless there is an answer; that one is told then.

        Args:
            drill_id: the drill's id.
            error: ``Error`` of what the workflow caught: the error's name.
            cause: its ``Cause``: for a Lambda, JSON with ``errorMessage``.
            removed: whether the copy is gone.
        """
        record = self.ledger.record_of(drill_id)
        record = under_way(self.ledger, drill_id) if record is None else record
        said = said_by(error, cause)
        conclude(self.ledger, self.facts, record, said, self.clock(), removed=removed)


@dataclass(frozen=True, slots=True)
class DrillLastWord:
    """Answers for a workflow that can't: one that was ended from outside.

    The copy, if there is one, is the reaper's.
    """

    ledger: UnansweredDrills
    workflow: DrillEndings
    facts: Facts
    clock: Clock
    log: Log

    def speak(self, detail: Mapping[str, Any], time: str) -> None:
        """Answer for an execution that ended without a word, if it was a drill's.

        Args:
            detail: of EventBridge's ``Step Functions Execution Status Change``.
            time: when that event happened, ISO 8601.
        """
        ending = Ending.told(detail, time)
        record = self.ledger.record_of(ending.execution)
        if record is None:
            self.log(
                ending.execution, "not answered for: nobody asked the guardian for what was started"
            )
            return
        if ending.error is None and ending.cause is None:
            # The event needn't say why; who stopped it has said so to Step Functions.
            ending = self.workflow.ending_of(ending.execution) or ending
        self._answer(record, ending)

    def reconcile(self) -> int:
        """Answer for whatever ended without anybody hearing of it; tell how many those were."""
        answered = 0
        for drill_id in self.ledger.unanswered(self.clock() - _PATIENCE):
            ending = self.workflow.ending_of(drill_id)
            record = self.ledger.record_of(drill_id)
            if ending is not None and record is not None:
                self._answer(record, ending)
                answered += 1
        return answered

    def _answer(self, record: DrillRecord, ending: Ending) -> None:
        if record.answer is None and record.called_at is None:
            # Its workflow may have been ended before its first word. Twice, it is one fact.
            self.facts.publish(started(record.order))
        never_made = record.order.kind is Kind.SMALL or record.called_at is None
        conclude(
            self.ledger,
            self.facts,
            record,
            ending.as_error("drill workflow"),
            ending.at,
            removed=never_made or record.removed_at is not None,
        )


def conclude(
    ledger: DrillAnswers,
    facts: Facts,
    record: DrillRecord,
    error: str,
    at: datetime,
    *,
    removed: bool,
) -> None:
    """Tell the one answer of a drill: this failure, if there is none."""
    drill_id = record.order.drill_id
    answer = record.answer or failed_without_evidence(record, error, at, removed=removed)
    # Also of who died right behind it: all that goes with an answer is recorded then.
    record = ledger.conclude(drill_id, answer)
    if record.answer is not None:
        facts.publish(record.answer)
    ledger.close(drill_id)

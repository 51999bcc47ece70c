"""The answers that aren't the plan or its end: accepted, failed, and ended from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.undo.ports import UndoAnswers, UndoRecords, UndoWorkflows
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.refusal import Log


@dataclass(frozen=True, slots=True)
class Greeting:
    """The plan workflow's first word: ``UndoAccepted``."""

    ledger: UndoRecords
    facts: Facts

    def accept(self, plan_id: str) -> dict[str, Any]:
        """Tell that the request was accepted; give ``{"revert": whether it is one}``."""
        raise NotImplementedError


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
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class UndoLastWord:
    """Answers for a workflow that can't: one that was ended from outside."""

    ledger: UndoAnswers
    workflows: UndoWorkflows
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
        raise NotImplementedError

    def reconcile(self) -> int:
        """Answer for whatever ended without anybody hearing of it; tell how many those were."""
        raise NotImplementedError

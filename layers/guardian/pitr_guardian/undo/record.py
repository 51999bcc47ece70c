"""What is recorded of an undo, from its acceptance on."""

from dataclasses import dataclass
from enum import StrEnum

from pitr_guardian.facts.undo_facts import UndoCompleted, UndoFailed, UndoPlanned
from pitr_guardian.undo.order import Approval, UndoOrder


class Phase(StrEnum):
    """The two halves of an undo; each has a workflow of its own, and one answer."""

    PLAN = "plan"
    APPLY = "apply"


@dataclass(frozen=True, slots=True)
class UndoRecord:
    """An undo as the ledger knows it; what hasn't happened yet is None."""

    order: UndoOrder
    plan: UndoPlanned | UndoFailed | None = None
    """The answer to the request."""
    approval: Approval | None = None
    outcome: UndoCompleted | UndoFailed | None = None
    """The answer to the approval."""

    def answer_of(self, phase: Phase) -> UndoPlanned | UndoCompleted | UndoFailed | None:
        """The answer of a phase, if there is one."""
        return self.plan if phase is Phase.PLAN else self.outcome

"""Taking an approval in: one undo per plan, or one refusal that says why."""

from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.reference import Home
from pitr_guardian.undo.acceptance import Log
from pitr_guardian.undo.ports import ApprovableUndos, UndoWorkflows


@dataclass(frozen=True, slots=True)
class ApprovalReception:
    """Takes approvals in."""

    workflows: UndoWorkflows
    ledger: ApprovableUndos
    facts: Facts
    home: Home
    pattern: str
    clock: Clock
    log: Log

    def receive(self, detail: object, event_id: str, account: str) -> None:
        """Take an approval in; arguments and errors as for requests."""
        raise NotImplementedError

"""Taking an undo request in: one plan per request id, or one refusal that says why."""

from collections.abc import Callable
from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.ports import TableObserver
from pitr_guardian.tables.reference import Home
from pitr_guardian.undo.ports import OpenUndos, Shapes, UndoWorkflows

Log = Callable[[str, str], None]
"""Takes the plan's id and what is to be said of it."""


@dataclass(frozen=True, slots=True)
class UndoReception:
    """Takes undo requests in. That one was accepted is the workflow's first word, not ours."""

    tables: TableObserver
    shapes: Shapes
    workflows: UndoWorkflows
    ledger: OpenUndos
    facts: Facts
    home: Home
    pattern: str
    """``UndoTablePattern``; empty: every undo is refused."""
    clock: Clock
    log: Log

    def receive(self, detail: object, event_id: str, account: str) -> None:
        """Take a request in.

        Args:
            detail: the event's detail, whatever it is.
            event_id: the event's id.
            account: the account that put the event, as EventBridge tells it.

        Raises:
            TryLaterError: AWS couldn't be asked; the event will be delivered again.
        """
        raise NotImplementedError

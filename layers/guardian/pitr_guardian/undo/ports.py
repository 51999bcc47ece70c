"""What undos need of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pitr_guardian.basics.errors import RefusedError

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Sequence
    from datetime import datetime

    from pitr_guardian.basics.ending import Ending
    from pitr_guardian.exports.record import Item
    from pitr_guardian.facts.undo_facts import (
        UndoCompleted,
        UndoFailed,
        UndoPlanned,
        UndoRejected,
    )
    from pitr_guardian.tables.reference import TableRef
    from pitr_guardian.undo.order import Approval, UndoOrder
    from pitr_guardian.undo.record import Phase, UndoRecord
    from pitr_guardian.undo.shape import Shape
    from pitr_guardian.undo.writes import Write

    UndoAnswer = UndoPlanned | UndoCompleted | UndoFailed


class UndoNotUnderWayError(Exception):
    """The ledger doesn't know a phase of an undo as accepted and unanswered."""


class ItemRefusedError(RefusedError):
    """DynamoDB refuses this very item, as too large or for an index's key; the text is AWS's."""


class ConditionFailedError(Exception):
    """A write's condition didn't hold: the item isn't as it was.

    ``item`` is the item as it is (``ReturnValuesOnConditionCheckFailure``: ALL_OLD); None where
    there is none. ``units`` are what the attempt consumed.
    """

    def __init__(self, item: Item | None, units: float) -> None:
        """Say what was found instead."""
        super().__init__("the item isn't as it was")
        self.item = item
        self.units = units


@dataclass(frozen=True, slots=True)
class Written:
    """What a write did: the item before it (``ReturnValues`` ALL_OLD), and the units it took."""

    before: Item | None
    units: float


class Regions(Protocol):
    """The regions of AWS."""

    def partition_of(self, region: str) -> str | None:
        """Tell the partition of a region with DynamoDB; None where none such is known."""


class Shapes(Protocol):
    """What tables are made of, as far as undos need to know."""

    def shape_of(self, table: TableRef) -> Shape | None:
        """Tell a table's shape; None where it is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class LiveItems(Protocol):
    """Items of the table, to read."""

    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """Read items, strongly consistent; as many as are asked for, in their order.

        Batches of at most 100 keys and 16 MB (BatchGetItem), unprocessed keys asked for again.

        Raises:
            TryLaterError: throttled for longer than is waited, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to, as that the table is gone.
        """


class WritableItems(LiveItems, Protocol):
    """Items of the table, to write."""

    def write(self, table: TableRef, write: Write) -> Written:
        """Write one item, conditionally, with ``ReturnValues`` ALL_OLD.

        A fault after which the write may have been done is waited out and tried again here; the
        second attempt then may find its own work (``ConditionFailedError``). So are throttling,
        ``TransactionConflictException`` and ``ReplicatedWriteConflictException`` (another region
        writes the same item of a strongly consistent global table).

        Raises:
            ConditionFailedError: the item isn't as it was.
            ItemRefusedError: DynamoDB refuses this very item.
            TryLaterError: throttled for longer than is waited, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to, as that the table is gone.
        """


class UndoRecords(Protocol):
    """What is recorded of undos, to read."""

    def record_of(self, plan_id: str) -> UndoRecord | None:
        """Tell what is recorded of an undo; None where there is none of that id."""


class UndoEventAnswers(Protocol):
    """Refusals; an event may be delivered again, when the answer might be another."""

    def answer_to(self, event_id: str) -> UndoRejected | None:
        """Tell the refusal that an event was answered with."""

    def note_answer(
        self, event_id: str, answer: UndoRejected, now: datetime
    ) -> UndoRejected | None:
        """Record a refusal before it is told; an earlier one stands, and is given.

        Returns:
            what is to be told; None where the event was taken up.
        """


class OpenUndos(UndoRecords, UndoEventAnswers, Protocol):
    """Undos that are about to be planned."""

    def open(self, order: UndoOrder, *, event_id: str | None = None) -> UndoRecord:
        """Record an order, unless one of its plan id is recorded; give what is recorded now.

        Args:
            order: the order.
            event_id: the event that asks for it, which is refused no more from then on.

        Raises:
            AnsweredMeanwhileError: the event was refused.
        """


class ApprovableUndos(UndoRecords, UndoEventAnswers, Protocol):
    """Plans that are about to be carried out."""

    def approve(self, plan_id: str, approval: Approval) -> UndoRecord:
        """Record an approval, unless one is recorded; give what is recorded now.

        Raises:
            AnsweredMeanwhileError: its event was refused.
        """


class UndoAnswers(UndoRecords, Protocol):
    """Undos' answers: one a phase."""

    def conclude(self, plan_id: str, phase: Phase, answer: UndoAnswer) -> UndoRecord:
        """Record the answer of a phase before it is told, unless one is recorded.

        Returns:
            what is recorded now: the caller tells ``answer_of(phase)``, whosever it is.
        """

    def close(self, plan_id: str, phase: Phase) -> None:
        """Record that the answer of a phase was told."""


class UnansweredUndos(UndoAnswers, Protocol):
    """Undos whose workflow may have ended without a word."""

    def unanswered(self, before: datetime) -> Sequence[tuple[str, Phase]]:
        """List phases that began (accepted, approved) before an instant and aren't closed."""


class UndoStarts(Protocol):
    """The workflows ``plan`` and ``apply``; their executions are named after the plan's id."""

    def start(self, plan_id: str, phase: Phase) -> None:
        """Start a phase's workflow with the input ``{"planId": …}``; twice is once."""


class UndoEndings(Protocol):
    """The executions of both workflows."""

    def ending_of(self, plan_id: str, phase: Phase) -> Ending | None:
        """Tell how a phase's execution ended; None while it runs."""

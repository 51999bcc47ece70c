"""What drills need of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pitr_guardian.basics.ending import Ending
    from pitr_guardian.drills.copies import Copy
    from pitr_guardian.drills.order import DrillOrder
    from pitr_guardian.drills.record import DrillRecord, Milestone
    from pitr_guardian.drills.structure import Structure
    from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed, DrillRejected
    from pitr_guardian.tables.reference import TableRef

    DrillAnswer = DrillPassed | DrillFailed


class DrillNotUnderWayError(Exception):
    """The ledger doesn't know a drill as accepted and unanswered."""


class OverBudgetError(Exception):
    """A drill that was due would cost more than the month's budget leaves."""


class Regions(Protocol):
    """The regions of AWS."""

    def partition_of(self, region: str) -> str | None:
        """Tell the partition of a region with DynamoDB; None where none such is known."""


class Structures(Protocol):
    """What tables are made of."""

    def structure_of(self, table: TableRef) -> Structure | None:
        """Tell a table's structure; None where it is gone.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class WriteRates(Protocol):
    """How much is written to tables, as far as drills have measured it."""

    def bytes_an_hour(self, table: TableRef) -> float | None:
        """Tell how many bytes of changes an hour of a table's history has; None: not known."""


class Copies(Protocol):
    """The copies that drills make, or what stands where one is to be."""

    def copy_at(self, table: TableRef) -> Copy | None:
        """Look at a table of a copy's name; None where there is none.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class RemovableCopies(Copies, Protocol):
    """Copies, to remove."""

    def delete(self, table: TableRef) -> None:
        """Ask AWS to delete a copy; harmless where it is being deleted, or gone.

        Raises:
            TryLaterError: it is still being made, throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to, as that it is protected.
        """


class DrillRecords(Protocol):
    """What is recorded of drills, to read."""

    def record_of(self, drill_id: str) -> DrillRecord | None:
        """Tell what is recorded of a drill; None where there is none of that id."""


class Milestones(DrillRecords, Protocol):
    """How far drills are."""

    def reach(self, drill_id: str, milestone: Milestone, at: datetime) -> datetime:
        """Record when a milestone was reached, unless it is recorded; give what is recorded now.

        Raises:
            DrillNotUnderWayError: there is no such drill.
        """


class CopyNotes(DrillRecords, Protocol):
    """Which tables drills' copies are."""

    def note_copy(self, drill_id: str, table_id: str | None) -> None:
        """Record which table the copy is, since AWS told it: another of its name is none."""


class CopyRecord(Milestones, CopyNotes, Protocol):
    """What is known of drills' copies."""

    def settle_copy(self, drill_id: str, at: datetime) -> None:
        """Record that there is nothing to remove (any more): nobody looks for it again.

        Where AWS was never asked for a copy, none is expected any longer: whose table of that name
        it may be, it is none of a drill's.
        """


class LeftCopies(CopyRecord, Protocol):
    """Copies that may still be there."""

    def copies(self) -> Sequence[str]:
        """List the ids of drills whose copy isn't known to be gone."""


class DrillEventAnswers(Protocol):
    """Refusals; an event may be delivered again, when the answer might be another."""

    def answer_to(self, event_id: str) -> DrillRejected | None:
        """Tell the refusal that an event was answered with."""

    def note_answer(
        self, event_id: str, answer: DrillRejected, now: datetime
    ) -> DrillRejected | None:
        """Record a refusal before it is told; an earlier one stands, and is given.

        Returns:
            what is to be told; None where the event was taken up.
        """


class OpenDrills(DrillRecords, DrillEventAnswers, Protocol):
    """Drills that are about to begin."""

    def open(self, order: DrillOrder, *, event_id: str | None = None) -> DrillRecord:
        """Record an order, unless one of its id is recorded; give what is recorded now.

        The copy is expected from then on: whatever else the guardian hears of a table of its name,
        it neither protects nor tells of.

        Args:
            order: the order.
            event_id: the event that asks for it, which is refused no more from then on.

        Raises:
            AnsweredMeanwhileError: the event was refused.
        """


class BudgetedDrills(OpenDrills, Protocol):
    """Drills that begin because they are due."""

    def open(
        self, order: DrillOrder, budget: float | None = None, *, event_id: str | None = None
    ) -> DrillRecord:
        """Record an order, as ``OpenDrills`` does, where a month's budget, in USD, allows it.

        What it is expected to cost counts from then on; what it cost, from its answer on.

        Raises:
            OverBudgetError: the budget doesn't allow it; nothing is recorded.
        """


@dataclass(frozen=True, slots=True)
class Busy:
    """What is under way: drills, by their ids, and tables that are restored, undone or drilled."""

    drills: tuple[str, ...]
    tables: frozenset[TableRef]


class TaggedTables(Protocol):
    """The tables that have a tag, wherever the guardian looks after tables."""

    def tagged(self, key: str) -> Mapping[TableRef, str]:
        """Tell the tables that have the tag, and its value.

        Raises:
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to.
        """


class DrillBook(BudgetedDrills, Protocol):
    """What is known of all drills, to tell which are due."""

    def last_begun(self) -> Mapping[TableRef, datetime]:
        """Tell when each table's last drill began."""

    def busy(self) -> Busy:
        """Tell what is under way."""

    def in_a_fight(self, table: TableRef) -> bool:
        """Whether somebody fights the guardian over a table, or it isn't in order as yet."""

    def spent(self, month: str) -> float:
        """Tell what a month's drills cost so far, or are expected to, in USD."""

    def was_told(self, table: TableRef, detail_type: str, month: str) -> bool:
        """Whether it was told in a month that a table wasn't drilled."""

    def note_told(self, table: TableRef, detail_type: str, now: datetime) -> None:
        """Remember that it was told."""


class DrillAnswers(DrillRecords, Protocol):
    """Drills' answers: one each."""

    def conclude(self, drill_id: str, answer: DrillAnswer) -> DrillRecord:
        """Record a drill's answer before it is told, unless one is recorded.

        Returns:
            what is recorded now: the caller tells its ``answer``, whosever it is.
        """

    def close(self, drill_id: str) -> None:
        """Record that the answer was told."""


class UnansweredDrills(DrillAnswers, Protocol):
    """Drills whose workflow may have ended without a word."""

    def unanswered(self, before: datetime) -> Sequence[str]:
        """List drills that were accepted before an instant and aren't closed."""


class DrillStarts(Protocol):
    """The workflow; its executions are named after drills' ids."""

    def start(self, drill_id: str) -> None:
        """Start the workflow with the input ``{"drillId": …}``; twice is once."""


class DrillEndings(Protocol):
    """The workflow's executions."""

    def ending_of(self, drill_id: str) -> Ending | None:
        """Tell how a drill's execution ended; None while it runs."""

    def stop(self, drill_id: str, why: str) -> None:
        """Stop a drill's execution; harmless where it has ended."""

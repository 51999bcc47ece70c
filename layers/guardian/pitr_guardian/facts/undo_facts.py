"""The facts of an undo's life.

A request is answered by ``UndoRejected``, or by ``UndoAccepted`` and then one of ``UndoPlanned``
and ``UndoFailed``; an approval by ``UndoRejected``, or one of ``UndoCompleted`` and ``UndoFailed``.
"""

from typing import ClassVar

from pydantic import FiniteFloat

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.facts import Fact, TableId


class PlanCounts(WireModel):
    """How many items a plan has of each kind."""

    remove: int = 0
    put_back: int = 0
    revert: int = 0
    merge: int = 0
    conflict: int = 0
    expired: int = 0
    as_before: int = 0


class OutcomeCounts(WireModel):
    """What became of a plan's items."""

    removed: int = 0
    put_back: int = 0
    reverted: int = 0
    merged: int = 0
    conflict: int = 0
    failed: int = 0


class UndoEstimate(WireModel):
    """What carrying a plan out costs and takes, roughly; ``cost_in_usd`` with its planning."""

    cost_in_usd: FiniteFloat
    write_units: FiniteFloat
    seconds: FiniteFloat


class UndoFact(Fact):
    """A fact about an undo; ``table`` is there where it could be told."""

    plan_id: str | None
    requested_by: str | None
    request_reason: str | None
    """The requester's own; ``reason`` is the sentence that tells what happened."""
    table: TableId | None
    from_: Instant | None = None
    to: Instant | None = None


class UndoAccepted(UndoFact):
    """A request was taken in; a plan is being made."""

    detail_type: ClassVar[str] = "Undo Accepted"
    account: str
    """The account whose request it is, as EventBridge tells it."""


class UndoPlanned(UndoFact):
    """A plan can be read and approved; nothing was changed."""

    detail_type: ClassVar[str] = "Undo Planned"
    fingerprint: str
    expires_at: Instant
    counts: PlanCounts
    estimate: UndoEstimate
    plan_uri: str
    items_uri: str


class UndoCompleted(UndoFact):
    """A plan was carried out, and every item that was written was read again."""

    detail_type: ClassVar[str] = "Undo Completed"
    account: str
    """The account whose approval it was, as EventBridge tells it; ``requested_by`` and
    ``request_reason`` are the approval's."""
    counts: OutcomeCounts
    verified: int
    doubtful: int = 0
    """Removed items of which nobody can tell whether somebody had added to them just before."""
    seconds: FiniteFloat
    report_uri: str


class UndoRejected(UndoFact):
    """A request or an approval was refused; nothing was begun."""

    detail_type: ClassVar[str] = "Undo Rejected"
    error: str


class UndoFailed(UndoFact):
    """A plan couldn't be made, or couldn't be carried out to its end."""

    detail_type: ClassVar[str] = "Undo Failed"
    phase: str
    """``plan``: nothing was changed; ``apply``: items may have been."""
    error: str

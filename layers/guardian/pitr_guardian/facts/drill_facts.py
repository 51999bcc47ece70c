"""The facts of a drill's life.

A request is answered by ``DrillRejected``, or by ``DrillStarted`` and then one of ``DrillPassed``
and ``DrillFailed``. A drill that was due, and that the budget doesn't allow, is ``DrillSkipped``.
"""

from typing import ClassVar

from pydantic import FiniteFloat

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.facts.facts import Fact, TableId


class RecoveryTime(WireModel):
    """How long recovery took: until the copy was proved, by ``seconds``."""

    asked: Instant
    active: Instant | None
    """When the copy was ACTIVE; None where it never was, or none was made."""
    verified: Instant | None
    """When the last item was compared; None where it didn't come to that."""
    seconds: FiniteFloat | None


class RecoveryPoint(WireModel):
    """How far the latest restorable instant lagged behind the asking."""

    latest: Instant
    seconds: FiniteFloat


class ItemCounts(WireModel):
    """What became of the items that were compared."""

    compared: int = 0
    equal: int = 0
    explained: int = 0
    """Changed since, by the table's own history."""
    mismatched: int = 0


class DrillFact(Fact):
    """A fact about a drill; ``table`` is there where it could be told."""

    drill_id: str | None
    requested_by: str | None
    request_reason: str | None
    """The requester's own; ``reason`` is the sentence that tells what happened."""
    table: TableId | None
    restored_to: Instant | None = None


class DrillStarted(DrillFact):
    """A drill began."""

    detail_type: ClassVar[str] = "Drill Started"
    account: str
    """The account whose request it is, as EventBridge tells it."""
    occasion: str
    """``event``: somebody asked for it; ``tag``: it was due."""
    kind: str
    """``full``, or ``small``: one partition key's items, without a copy."""
    estimate_in_usd: FiniteFloat


class DrillEnded(DrillFact):
    """What both ends of a drill tell."""

    kind: str
    recovery_time: RecoveryTime
    recovery_point: RecoveryPoint
    items: ItemCounts
    structure: tuple[str, ...]
    """Differences of the copy in keys, indexes, throughput and encryption, a sentence each."""
    removed: bool
    """Whether the copy, and everything of it, is gone."""
    cost_in_usd: FiniteFloat
    evidence_uri: str | None
    """None where no evidence could be written."""
    evidence_sha256: str | None
    previous_sha256: str | None


class DrillPassed(DrillEnded):
    """The table was restored, and the copy proved right, in time."""

    detail_type: ClassVar[str] = "Drill Passed"


class DrillFailed(DrillEnded):
    """The table wasn't restored, or not right, or not in time."""

    detail_type: ClassVar[str] = "Drill Failed"
    error: str


class DrillRejected(DrillFact):
    """A request was refused; nothing was begun."""

    detail_type: ClassVar[str] = "Drill Rejected"
    error: str


class DrillSkipped(Fact):
    """A drill that was due, and that the budget doesn't allow; once a month for each table."""

    detail_type: ClassVar[str] = "Drill Skipped"
    table: TableId
    period: str
    """How often the table's tag asks for one."""
    estimate_in_usd: FiniteFloat
    budget_in_usd: FiniteFloat
    left_in_usd: FiniteFloat

"""A drill's evidence, as it is kept: everything that was done, measured, compared and found.

It names no item: keys are hashes, salted with the drill's id.
"""

from typing import ClassVar, Literal

from pydantic import FiniteFloat

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.drills.evidence.chain import Link, canonical
from pitr_guardian.drills.proof.comparing import Mismatch
from pitr_guardian.drills.proof.rounds import Looked
from pitr_guardian.facts.drill_facts import RecoveryPoint, RecoveryTime
from pitr_guardian.facts.facts import TableId


class Asked(WireModel):
    """Who asked for what, and why."""

    occasion: str
    """``event``: somebody asked; ``tag``: it was due."""
    account: str
    requested_by: str | None
    reason: str | None
    at: str
    """``latest``, ``random``, or an instant."""
    sample: int | Literal["all"]


class Items(WireModel):
    """What was compared, and what that proves."""

    compared: int
    equal: int
    explained: int
    mismatched: int
    unsettled: int
    drawn: dict[str, int]
    """How many keys were drawn from ``copy``, ``live`` and ``history``."""
    at_most_wrong: FiniteFloat | None
    """The share of all items that may be wrong, with 95 % confidence; None where some are."""
    proves: str
    mismatches: tuple[Mismatch, ...]
    """The first 100."""
    rounds: tuple[Looked, ...]


class ExportTold(WireModel):
    """An export that the proof rests on; ``from_`` is None of one of an instant."""

    round: int
    name: str
    arn: str
    from_: Instant | None
    to: Instant
    items: int
    bytes: int


class Targets(WireModel):
    """What the table's tags ask for, in minutes."""

    rto_minutes: int | None
    rpo_minutes: int | None


class Cost(WireModel):
    """What the drill cost, counted, in USD at the prices of us-east-1."""

    total: FiniteFloat
    restore: FiniteFloat
    exports: FiniteFloat
    reads: FiniteFloat
    work: FiniteFloat
    """Functions, workflow and objects."""
    prices_as_of: str


class Evidence(WireModel):
    """All of it."""

    version: ClassVar[str] = "1"

    drill_id: str
    kind: str
    outcome: Literal["passed", "failed"]
    objections: tuple[str, ...]
    """What speaks against it; empty where it passed."""
    table: TableId
    table_uid: str
    """The table's ``TableId``."""
    asked: Asked
    restored_to: Instant
    copy_table: TableId | None
    copy_removed: bool
    recovery_time: RecoveryTime
    recovery_point: RecoveryPoint
    targets: Targets
    items: Items | None
    structure: tuple[str, ...]
    """Differences of the copy; empty where none."""
    exports: tuple[ExportTold, ...]
    cost_in_usd: Cost
    concluded_at: Instant


def written(evidence: Evidence, page: Link, previous: Link) -> bytes:
    """Write a piece of evidence.

    Args:
        evidence: what it says.
        page: the page that says the same to people.
        previous: the piece before.
    """
    return canonical(
        {
            "version": Evidence.version,
            **evidence.model_dump(by_alias=True, mode="json"),
            "page": page.model_dump(by_alias=True, exclude={"bucket"}),
            "previous": previous.model_dump(by_alias=True),
        }
    )

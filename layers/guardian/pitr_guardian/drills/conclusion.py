"""The end of a drill: its evidence is kept, and its one answer told."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pitr_guardian.basics.caught import said_by
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock, spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.drills.evidence.evidence import Evidence
from pitr_guardian.drills.evidence.gathering import gathered
from pitr_guardian.drills.evidence.keeping import Keeper
from pitr_guardian.drills.evidence.ports import AnsweredError
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.evidence.yearbook import Yearbook
from pitr_guardian.drills.ports import DrillAnswers
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.telling import LONGEST_ERROR, told_of_order
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.ports import ReadableObjects
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed, ItemCounts
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.facts.ports import Facts

if TYPE_CHECKING:
    from pitr_guardian.drills.ports import DrillAnswer


@dataclass(frozen=True, slots=True)
class DrillConclusion:
    """Keeps a drill's evidence and tells what it came to: ``DrillPassed`` or ``DrillFailed``."""

    ledger: DrillAnswers
    objects: ReadableObjects
    keeper: Keeper
    yearbook: Yearbook
    facts: Facts
    uri_of: Callable[[str], str]
    clock: Clock

    def conclude(
        self, drill_id: str, error: str | None, cause: str | None, *, removed: bool
    ) -> dict[str, Any]:
        """Answer a drill, once.

        Args:
            drill_id: the drill's id.
            error: ``Error`` of what failed on the way; None where nothing did.
            cause: its ``Cause``.
            removed: whether the copy is gone.

        Returns:
            ``{"outcome": "passed"}`` or ``"failed"``.

        Raises:
            DrillNotUnderWayError: there is no such drill.
            TryLaterError: throttled, or a fault on AWS's side.
        """
        record = self.ledger.record_of(drill_id) or under_way(self.ledger, drill_id)
        if record.answer is None:
            said = None if error is None else legible(said_by(error, cause or ""), LONGEST_ERROR)
            evidence = gathered(self.objects, record, self.clock(), removed=removed, error=said)
            # An answer that was told meanwhile, without evidence, stands.
            with suppress(AnsweredError):
                self.keeper.keep(evidence, record.order, partial(self._answer, record, evidence))
            record = self.ledger.record_of(drill_id) or record
        if record.answer is None:
            raise TryLaterError(f"the answer of {drill_id} was recorded, and can't be read yet")
        # Also of who died right behind it: all that goes with an answer is recorded then.
        record = self.ledger.conclude(drill_id, record.answer)
        if record.answer is not None:
            self.facts.publish(record.answer)
        self.ledger.close(drill_id)
        self.yearbook.write(record.order.asked_at.year)
        return {"outcome": "passed" if isinstance(record.answer, DrillPassed) else "failed"}

    def _answer(self, record: DrillRecord, evidence: Evidence, kept: DrillSummary) -> "DrillAnswer":
        """What the evidence comes to, with its place in the chain."""
        order, items = record.order, evidence.items
        told: dict[str, Any] = {
            "time": evidence.concluded_at,
            "kind": order.kind.value,
            "recovery_time": evidence.recovery_time,
            "recovery_point": evidence.recovery_point,
            "items": ItemCounts(
                compared=items.compared,
                equal=items.equal,
                explained=items.explained,
                mismatched=items.mismatched,
            )
            if items
            else ItemCounts(),
            "structure": evidence.structure,
            "removed": evidence.copy_removed,
            "cost_in_usd": evidence.cost_in_usd.total,
            "evidence_uri": self.uri_of(str(kept.link.key)),
            "evidence_sha256": kept.link.sha256,
            "previous_sha256": kept.previous_sha256,
            **told_of_order(order),
        }
        name = order.table.name
        if evidence.outcome == "passed":
            what = f"{name} can be restored" if evidence.kind == "full" else f"{name} can be read"
            return DrillPassed(
                id=fact_id("drill-passed", order.drill_id),
                severity="info",
                reason=f"{what} as of {spoken(order.at)}. {items.proves if items else ''}".strip(),
                **told,
            )
        against = legible(" ".join(evidence.objections), LONGEST_ERROR)
        return DrillFailed(
            id=fact_id("drill-failed", order.drill_id),
            severity="critical",
            reason=f"It isn't proved that {name} can be restored as of {spoken(order.at)}: "
            f"{against}",
            error=against,
            **told,
        )

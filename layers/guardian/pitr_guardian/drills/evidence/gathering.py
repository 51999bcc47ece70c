"""Puts a drill's evidence together, from its record and from what its functions left."""

from collections.abc import Sequence
from datetime import datetime

from pitr_guardian.basics.instants import iso
from pitr_guardian.drills.evidence.evidence import (
    Asked,
    Cost,
    Evidence,
    ExportTold,
    Items,
    Targets,
)
from pitr_guardian.drills.evidence.verdict import objections
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.proof.certainty import at_most_wrong, proves
from pitr_guardian.drills.proof.costs import costs_of
from pitr_guardian.drills.proof.exporting import BilledExport, billed_exports
from pitr_guardian.drills.proof.settling import Proof, proof_of
from pitr_guardian.drills.proof.structure import differences_of
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.telling import recovery_point_of, recovery_time_of
from pitr_guardian.exports.ports import ReadableObjects
from pitr_guardian.tables.prices import PRICES_AS_OF


def gathered(
    objects: ReadableObjects,
    record: DrillRecord,
    now: datetime,
    *,
    removed: bool,
    error: str | None,
) -> Evidence:
    """Put a drill's evidence together.

    Args:
        objects: what the drill's functions left.
        record: what the ledger knows.
        now: when it is concluded.
        removed: whether the copy is gone, or none was made.
        error: what failed on the way, in a sentence.
    """
    order = record.order
    proof = proof_of(objects, order.drill_id)
    structure = differences_of(objects, order.drill_id)
    billed = list(billed_exports(objects, order.drill_id))
    time, point = recovery_time_of(record), recovery_point_of(order)
    against = objections(order, proof, structure, time, point, removed=removed, error=error)
    return Evidence(
        drill_id=order.drill_id,
        kind=order.kind.value,
        outcome="failed" if against else "passed",
        objections=against,
        table=order.table,
        table_uid=order.source.table_id,
        asked=_asked(order),
        restored_to=order.at,
        copy_table=order.copy_table,
        copy_removed=removed,
        recovery_time=time,
        recovery_point=point,
        targets=Targets(rto_minutes=order.rto_minutes, rpo_minutes=order.rpo_minutes),
        items=_items(proof) if proof else None,
        structure=structure or (),
        exports=tuple(ExportTold(round=number, **export.model_dump()) for number, export in billed),
        cost_in_usd=_cost(record, proof, [export for _, export in billed]),
        concluded_at=now,
    )


def _asked(order: DrillOrder) -> Asked:
    request = order.request
    return Asked(
        occasion=order.occasion.value,
        account=order.account,
        requested_by=request.requested_by,
        reason=request.reason,
        at=request.at if isinstance(request.at, str) else iso(request.at),
        sample=request.sample,
    )


def _items(proof: Proof) -> Items:
    tally, whole = proof.tally, proof.all_of_them
    all_right = tally.compared == tally.right
    return Items(
        compared=tally.compared,
        equal=tally.equal,
        explained=tally.explained,
        mismatched=tally.mismatched,
        unsettled=tally.unsettled + tally.open,
        drawn=dict(proof.drawn),
        at_most_wrong=at_most_wrong(tally.right, all_of_them=whole) if all_right else None,
        proves=(
            proves(tally.right, all_of_them=whole)
            if all_right
            else f"{tally.right:,} of {tally.compared:,} compared items were right."
        ),
        mismatches=proof.mismatches,
        rounds=proof.rounds,
    )


def _cost(record: DrillRecord, proof: Proof | None, exports: Sequence[BilledExport]) -> Cost:
    costs = costs_of(record.order, proof, exports, restored=record.called_at is not None)
    return Cost(
        total=costs.total,
        restore=costs.restore,
        exports=costs.exports,
        reads=costs.reads,
        work=costs.work,
        prices_as_of=PRICES_AS_OF,
    )

"""Whether a drill passed: everything that speaks against it, a sentence each."""

from collections.abc import Iterator, Sequence

from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.proof.settling import Proof
from pitr_guardian.facts.drill_facts import RecoveryPoint, RecoveryTime


def objections(
    order: DrillOrder,
    proof: Proof | None,
    differences: Sequence[str] | None,
    time: RecoveryTime,
    point: RecoveryPoint,
    *,
    removed: bool,
    error: str | None,
) -> tuple[str, ...]:
    """Tell what speaks against a drill; nothing where it passed.

    Args:
        order: what was to be proved.
        proof: what was proved of the items; None where it didn't come to that.
        differences: of the copy's structure; None where it wasn't compared.
        time: how long recovery took.
        point: how far the latest restorable instant lagged behind.
        removed: whether the copy is gone.
        error: what failed on the way.
    """
    told = [error.rstrip(".") + "."] if error else []
    told += _of_items(proof, failed=bool(error))
    told += [f"The structure differs: {each}" for each in differences or ()]
    if differences is None and order.kind is Kind.FULL and not error:
        told.append("The structure wasn't compared.")
    told += _of_targets(order, time, point)
    if not removed:
        told.append("The copy couldn't be removed; the guardian goes on trying.")
    return tuple(told)


def _of_items(proof: Proof | None, *, failed: bool) -> Iterator[str]:
    if proof is None:
        if not failed:
            yield "No item was compared."
        return
    tally = proof.tally
    if tally.mismatched:
        yield (
            f"{tally.mismatched:,} of {tally.compared:,} compared items "
            f"{'is not as it was' if tally.mismatched == 1 else 'are not as they were'}."
        )
    if tally.unsettled or tally.open:
        yield (
            f"Of {tally.unsettled + tally.open:,} of {tally.compared:,} compared items it couldn't "
            "be settled whether they are as they were: there were too many that differ."
        )


def _of_targets(order: DrillOrder, time: RecoveryTime, point: RecoveryPoint) -> Iterator[str]:
    if order.rto_minutes is not None and (time.seconds or 0) > order.rto_minutes * 60:
        yield (
            f"Recovery took {_minutes(time.seconds or 0)} minutes; the table's target is "
            f"{order.rto_minutes}."
        )
    if order.rpo_minutes is not None and point.seconds > order.rpo_minutes * 60:
        yield (
            f"The latest restorable instant lagged {_minutes(point.seconds)} minutes behind; the "
            f"table's target is {order.rpo_minutes}."
        )


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f}"

"""What the facts of an undo have in common."""

from datetime import datetime
from typing import Any

from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.facts.undo_facts import (
    OutcomeCounts,
    PlanCounts,
    UndoAccepted,
    UndoFailed,
    UndoPlanned,
)
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.record import Phase, UndoRecord

LONGEST_ERROR = 4000
"""Characters of an error; it is told twice in a fact, which has a limit of 256 KiB."""


def told_of_order(order: UndoOrder, approval: Approval | None = None) -> dict[str, Any]:
    """The fields that every fact about an accepted undo has; whose they are follows the phase."""
    by = approval or order.request
    return {
        "plan_id": order.plan_id,
        "requested_by": by.requested_by,
        "request_reason": by.reason,
        "table": order.table,
        "from_": order.from_,
        "to": order.to,
    }


def accepted(order: UndoOrder) -> UndoAccepted:
    """Word that a request was accepted."""
    what = (
        f"What the undo {order.request.revert} changed in {order.table.name} is to be put back"
        if order.request.revert
        else f"The changes of {order.table.name} in the window are to be undone"
    )
    return UndoAccepted(
        id=fact_id("undo-accepted", order.plan_id),
        time=order.accepted_at,
        severity="info",
        reason=f"{what}: a plan is being made, and nothing is changed before it is approved.",
        account=order.account,
        **told_of_order(order),
    )


def failed(record: UndoRecord, phase: Phase, error: str, at: datetime) -> UndoFailed:
    """Word that a plan couldn't be made, or couldn't be carried out to its end."""
    order = record.order
    error = legible(error, LONGEST_ERROR)
    if phase is Phase.PLAN:
        reason = f"The undo of {order.table.name} couldn't be planned: {error}. Nothing was changed"
    else:
        reason = (
            f"The undo of {order.table.name} wasn't carried out to its end: {error}. Part of the "
            "items may be as planned, the others are as they were"
        )
        if isinstance(record.plan, UndoPlanned) and record.plan.counts.remove:
            # Nobody goes on with what its last function had begun, and looks.
            reason += (
                ". Whether somebody had added to an item in the moment before it was removed isn't "
                "known of those that were being removed when it ended: look through those that "
                f"{order.table.name} should still have"
            )
    return UndoFailed(
        id=fact_id("undo-failed", order.plan_id, phase),
        time=at,
        severity="critical",
        reason=f"{reason}.",
        phase=phase.value,
        error=error,
        **told_of_order(order, record.approval if phase is Phase.APPLY else None),
    )


def plan_in_words(order: UndoOrder, counts: PlanCounts, expires_at: datetime) -> str:
    """The sentence that goes with a plan: what it would do, who would see it, what to do next."""
    name = order.table.name
    writes = counts.remove + counts.put_back + counts.revert + counts.merge
    if not writes and not counts.conflict:
        return f"Nothing is left to undo in {name}: {_rest(counts)}."
    said = [
        f"{items(writes)} of {name} can be put right: {_kinds(counts)}."
        if writes
        else f"Nothing of {name} can be put right."
    ]
    if counts.conflict == 1:
        said.append("1 item stays as it is: somebody has written it since. Read the plan's page.")
    elif counts.conflict:
        said.append(
            f"{items(counts.conflict)} stay as they are: somebody has written them since. Read the "
            "plan's page."
        )
    if writes and (seen := _seen_by(order)):
        said.append(f"Who will see the writes: {seen}.")
    said.append(f"Nothing was changed; the plan can be approved until {spoken(expires_at)}.")
    return " ".join(said)


def done_in_words(order: UndoOrder, counts: OutcomeCounts, verified: int, doubtful: int = 0) -> str:
    """The sentence that goes with the end of an undo."""
    done = counts.removed + counts.put_back + counts.reverted + counts.merged
    said = [_put_right(done, verified, order.table.name)]
    if counts.conflict:
        left = "was left as it is" if counts.conflict == 1 else "were left as they are"
        it = "it" if counts.conflict == 1 else "them"
        said.append(f"{items(counts.conflict)} {left}: somebody else wrote {it}.")
    if counts.failed:
        said.append(f"{items(counts.failed)} could not be written; the report says why.")
    if doubtful:
        were, it = ("was", "it") if doubtful == 1 else ("were", "them")
        said.append(
            f"{items(doubtful)} {were} removed without an answer: whether somebody had added to "
            f"{it} in the moment before isn't known; the report names {it}."
        )
    if verified < done:
        said.append(f"{items(done - verified)} had been written again by others before that look.")
    return " ".join(said)


def _put_right(done: int, verified: int, table: str) -> str:
    if not done:
        return f"Nothing of {table} was put right."
    were = "was" if done == 1 else "were"
    found = "found so" if verified == done else f"{verified:,} were found so"
    return f"{items(done)} of {table} {were} put right, and {found} when read again."


def items(count: int) -> str:
    """So many items, in words."""
    return "1 item" if count == 1 else f"{count:,} items"


def _kinds(counts: PlanCounts) -> str:
    kinds = {
        "reverted": counts.revert,
        "put back": counts.put_back,
        "removed": counts.remove,
        "merged with what others wrote since": counts.merge,
    }
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count) or "none"


def _rest(counts: PlanCounts) -> str:
    if not counts.as_before and not counts.expired:
        return "no item was changed in the window that the request speaks of"
    kinds = {"as before already": counts.as_before, "expired by now": counts.expired}
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.items() if count)


def _seen_by(order: UndoOrder) -> str:
    audience = order.shape.audience
    seen = {
        "replicas in": audience.replicas,
        "the stream": (audience.stream,) if audience.stream else (),
        "its triggers": audience.triggers,
        "Kinesis": audience.kinesis,
    }
    told = "; ".join(f"{what} {', '.join(who)}" for what, who in seen.items() if who)
    if audience.replicas and not order.shape.strongly_consistent:
        told += "; what another region writes to an item in the same second may be lost, or win"
    return told

"""What the facts of an undo have in common."""

from datetime import datetime
from typing import Any

from pitr_guardian.basics.legible import legible
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.facts.undo_facts import UndoAccepted, UndoFailed
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
    return UndoFailed(
        id=fact_id("undo-failed", order.plan_id, phase),
        time=at,
        severity="critical",
        reason=f"{reason}.",
        phase=phase.value,
        error=error,
        **told_of_order(order, record.approval if phase is Phase.APPLY else None),
    )

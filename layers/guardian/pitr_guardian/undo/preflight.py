"""Whether an undo can be granted: checked before anything is started, in sentences."""

from datetime import datetime, timedelta

from pitr_guardian.basics.instants import iso
from pitr_guardian.exports.window import outside
from pitr_guardian.facts.undo_facts import UndoFailed
from pitr_guardian.tables.bounds import takes
from pitr_guardian.tables.observation import OUT_OF_REACH, Observed, Presence
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.record import UndoRecord
from pitr_guardian.undo.shape import Shape

DATA_KEPT = timedelta(days=30)
"""So long the undos' bucket keeps what an undo wrote."""


def foreign(account: str, own: str) -> str | None:
    """Tell why an account may not ask; None where it may."""
    if account == own:
        return None
    return (
        f"the event is of the account {account:.20}: others may ask for restores only; ask from "
        f"{own}, whose tables these are"
    )


def out_of_pattern(table: TableRef, pattern: str) -> str | None:
    """Tell why the stack undoes nothing in a table; None where it does."""
    if not pattern:
        return (
            "table: the stack may not touch any table's items: its parameter UndoTablePattern is "
            f"empty; set it to names that include {table.name}, and ask again"
        )
    if not takes(pattern, table.name):
        return (
            f"table: the stack undoes in tables named {pattern} only; widen its parameter "
            "UndoTablePattern to undo in this one"
        )
    return None


def unusable(table: TableRef, observed: Observed) -> str | None:
    """Tell why a table's items can't be put back now; None where they can."""
    if observed.is_out_of_reach:
        return f"table: {table} is {observed.status}: {OUT_OF_REACH[observed.status]}"
    if observed.presence is Presence.GONE:
        return f"table: there is no table {table}; check the name, the region and the case"
    if observed.presence is Presence.GOING:
        return (
            f"table: {table} is {observed.status}; what is left when it is gone is a restore, with "
            "restoreTo deletion"
        )
    if observed.presence is Presence.NOT_READY:
        return f"table: {table} is still {observed.status}; ask again when it is ACTIVE"
    return None


def without_history(table: TableRef, observed: Observed, from_: datetime) -> str | None:
    """Tell why a table's history doesn't reach back to an instant; None where it does."""
    if not observed.pitr_on:
        return (
            f"table: PITR is off on {table}, so nobody knows what its items were; compare with an "
            "on-demand backup of it, if there is one"
        )
    return outside(from_, observed.window) if observed.window else None


def irrevocable(plan_id: str, record: UndoRecord | None, now: datetime) -> str | None:
    """Tell why what a plan did can't be put back; None where it can."""
    if record is None:
        return f"revert: there is no plan {plan_id}; give the `planId` of an `Undo Completed`"
    if record.approval is None:
        return f"revert: the plan {plan_id} was never carried out, so nothing is to be put back"
    if record.outcome is None:
        return (
            f"revert: the plan {plan_id} is still being carried out; ask again after its "
            "`Undo Completed`"
        )
    if now > record.approval.approved_at + DATA_KEPT:
        return (
            f"revert: the plan {plan_id} was approved at {iso(record.approval.approved_at)}, and "
            f"what it wrote is kept for {DATA_KEPT.days} days only; undo by `table`, `from` and "
            "`to` instead"
        )
    return None


def replaced(field: str, record: UndoRecord, shape: Shape | None) -> str | None:
    """Tell that a table isn't the one that a plan is about; None where it is.

    Args:
        field: the request's field that names the plan.
        record: what is recorded of the plan.
        shape: the table as it is; None where it is gone.
    """
    order = record.order
    if shape is not None and order.shape.table_id == shape.table_id:
        return None
    what = "was deleted" if shape is None else "is another table of that name"
    return (
        f"{field}: {order.table.name} {what} since the plan {order.plan_id} was made, which is "
        "about other items; undo in the table that there is, or restore"
    )


def unapprovable(record: UndoRecord | None, plan_id: str) -> str | None:
    """Tell why there is no plan to approve; None where there is one."""
    if record is None:
        return f"planId: there is no plan {plan_id}; give the one of an `Undo Planned`"
    if record.plan is None:
        return f"planId: the plan {plan_id} is still being made; approve it after `Undo Planned`"
    if isinstance(record.plan, UndoFailed):
        return f"planId: the plan {plan_id} couldn't be made; ask for the undo again under a new id"
    return None

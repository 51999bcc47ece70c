"""What the workflows' functions may act for: what the ledger knows as under way, nothing else.

Whoever may invoke a function may hand it any plan's id; what it does, and to which table, is in the
ledger.
"""

from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.ports import UndoNotUnderWayError, UndoRecords
from pitr_guardian.undo.record import UndoRecord


def planning(ledger: UndoRecords, plan_id: str) -> UndoOrder:
    """The order of a plan that is being made.

    Raises:
        UndoNotUnderWayError: there is none, or it was answered.
    """
    record = ledger.record_of(plan_id)
    if record is None or record.plan is not None:
        raise UndoNotUnderWayError(f"no plan {plan_id} is being made")
    return record.order


def applying(ledger: UndoRecords, plan_id: str) -> tuple[UndoRecord, Approval]:
    """The record of a plan that is being carried out, and its approval.

    Raises:
        UndoNotUnderWayError: it isn't.
    """
    record = ledger.record_of(plan_id)
    if record is None or record.approval is None or record.outcome is not None:
        raise UndoNotUnderWayError(f"no plan {plan_id} is being carried out")
    return record, record.approval

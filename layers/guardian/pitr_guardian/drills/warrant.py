"""What the workflow's functions may act for: what the ledger knows as under way, nothing else.

Whoever may invoke a function may hand it any drill's id; what it does, and to which table, is in
the ledger.
"""

from pitr_guardian.drills.ports import DrillNotUnderWayError, DrillRecords
from pitr_guardian.drills.record import DrillRecord


def under_way(ledger: DrillRecords, drill_id: str) -> DrillRecord:
    """The record of a drill that is under way.

    Raises:
        DrillNotUnderWayError: there is none, or it was answered.
    """
    record = ledger.record_of(drill_id)
    if record is None or record.answer is not None:
        raise DrillNotUnderWayError(f"no drill {drill_id} is under way")
    return record

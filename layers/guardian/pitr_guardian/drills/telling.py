"""What the facts of a drill have in common."""

from datetime import datetime
from typing import Any

from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.legible import legible
from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.facts.drill_facts import (
    DrillFailed,
    DrillStarted,
    ItemCounts,
    RecoveryPoint,
    RecoveryTime,
)
from pitr_guardian.facts.facts import fact_id

LONGEST_ERROR = 4000
"""Characters of an error; it is told twice in a fact, which has a limit of 256 KiB."""


def told_of_order(order: DrillOrder) -> dict[str, Any]:
    """The fields that every fact about an accepted drill has."""
    return {
        "drill_id": order.drill_id,
        "requested_by": order.request.requested_by,
        "request_reason": order.request.reason,
        "table": order.table,
        "restored_to": order.at,
    }


def started(order: DrillOrder) -> DrillStarted:
    """Word that a drill began."""
    name, instant = order.table.name, spoken(order.at)
    why = "It was due by its tag" if order.occasion is Occasion.TAG else "Somebody asked for it"
    what = (
        f"{name} is restored as of {instant} to a copy, which is compared and removed"
        if order.kind is Kind.FULL
        else f"Items of one partition key of {name} are read as of {instant}, and compared"
    )
    return DrillStarted(
        id=fact_id("drill-started", order.drill_id),
        time=order.accepted_at,
        severity="info",
        reason=f"{what}. {why}.",
        account=order.account,
        occasion=order.occasion.value,
        kind=order.kind.value,
        estimate_in_usd=order.estimate_in_usd,
        **told_of_order(order),
    )


def recovery_time_of(record: DrillRecord) -> RecoveryTime:
    """How long recovery took, as far as it came."""
    asked, verified = record.order.asked_at, record.verified_at
    return RecoveryTime(
        asked=asked,
        active=record.active_at,
        verified=verified,
        seconds=(verified - asked).total_seconds() if verified else None,
    )


def recovery_point_of(order: DrillOrder) -> RecoveryPoint:
    """How far the latest restorable instant lagged behind the asking; no less than nothing."""
    lag = (order.asked_at - order.latest).total_seconds()
    return RecoveryPoint(latest=order.latest, seconds=max(0.0, lag))


def failed_without_evidence(
    record: DrillRecord, error: str, at: datetime, *, removed: bool
) -> DrillFailed:
    """Word that a drill failed, where no evidence of it could be written."""
    order = record.order
    error = legible(error, LONGEST_ERROR)
    left = (
        ""
        if removed
        else f" Its copy {copy_in_words(order)} may still be there; the guardian removes it."
    )
    return DrillFailed(
        id=fact_id("drill-failed", order.drill_id),
        time=at,
        severity="critical",
        reason=f"It isn't proved that {order.table.name} can be restored: {error}.{left}",
        kind=order.kind.value,
        recovery_time=recovery_time_of(record),
        recovery_point=recovery_point_of(order),
        items=ItemCounts(),
        structure=(),
        removed=removed,
        cost_in_usd=order.estimate_in_usd,
        evidence_uri=None,
        evidence_sha256=None,
        previous_sha256=None,
        error=error,
        **told_of_order(order),
    )


def copy_in_words(order: DrillOrder) -> str:
    """The copy's name, and its region where it isn't the table's."""
    copy = order.copy_table
    if copy is None:
        return "(it makes none)"
    return copy.name if copy.region == order.table.region else f"{copy.name} in {copy.region}"

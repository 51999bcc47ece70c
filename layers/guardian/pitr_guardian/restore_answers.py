"""The answer that the restore workflow can't give itself: that it was ended from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pitr_guardian.facts import RestoreFailed
from pitr_guardian.order import Order
from pitr_guardian.ports import Facts, FailureRecord


@dataclass(frozen=True, slots=True)
class LastWord:
    """Answers for a workflow that can't."""

    ledger: FailureRecord
    facts: Facts

    def speak(self, detail: Mapping[str, Any], time: str) -> None:
        """Record and tell the failure of an execution that was aborted or timed out.

        Args:
            detail: of EventBridge's ``Step Functions Execution Status Change``; its ``input`` is
                the order.
            time: when that event happened, ISO 8601.
        """
        order = Order.model_validate_json(detail["input"])
        fact = abandoned(order, detail, time)
        self.ledger.note_failure(order, fact.error, fact.time)
        self.facts.publish(fact)


def abandoned(order: Order, detail: Mapping[str, Any], time: str) -> RestoreFailed:
    """Word the failure; arguments as above."""
    request = order.request
    asked = request.content()
    error = f"the restore workflow {detail['executionArn']} ended as {detail['status']}"
    return RestoreFailed(
        id=f"restore/{request.request_id}/failed",
        time=datetime.fromisoformat(time),
        severity="critical",
        reason=f"The restore of {request.source_table} was not seen through: {error}.",
        table=order.source,
        error=error,
        request_id=request.request_id,
        requested_by=request.requested_by,
        request_reason=request.reason,
        source_table=request.source_table,
        target_table=request.target_table,
        restore_to=asked["restoreTo"],
    )

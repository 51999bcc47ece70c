"""The answers that the restore workflow can't give itself: that it was ended from outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.instants import (
    Clock,
    iso,
)
from pitr_guardian.facts.facts import (
    RestoreAccepted,
    RestoreCompleted,
    RestoreFailed,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.ports import (
    Answers,
    Executions,
)
from pitr_guardian.restore.record import RestoreRecord

Log = Callable[[str, str], None]

_PATIENCE = timedelta(minutes=15)
"""So long after its acceptance a restore may be on its way between the ledger and its workflow."""


@dataclass(frozen=True, slots=True)
class LastWord:
    """Answers for a workflow that can't."""

    ledger: Answers
    executions: Executions
    facts: Facts
    clock: Clock
    log: Log

    def speak(self, detail: Mapping[str, Any], time: str) -> None:
        """Tell the outcome of an execution that ended without a word, if it was a restore's.

        Args:
            detail: of EventBridge's ``Step Functions Execution Status Change``; its ``input`` is
                the order.
            time: when that event happened, ISO 8601.
        """
        ending = Ending.told(detail, time)
        name = ending.execution
        record = self.ledger.record_of(name)
        if record is None or _order_in(detail) != record.order:
            self.log(name, "not answered for: nobody asked the guardian for what was started")
            return
        self._answer(name, record, ending)

    def reconcile(self) -> int:
        """Tell the outcome of whatever ended without anybody hearing of it.

        Returns:
            how many restores were answered.
        """
        answered = 0
        for request_id in self.ledger.unanswered(self.clock() - _PATIENCE):
            ending = self.executions.ending_of(request_id)
            record = self.ledger.record_of(request_id)
            if ending is not None and record is not None:
                self._answer(request_id, record, ending)
                answered += 1
        return answered

    def _answer(self, request_id: str, record: RestoreRecord, ending: Ending) -> None:
        if record.outcome is None:
            if record.called_at is None:
                # Its workflow may have been ended before its first word. Twice, it is one fact.
                self.facts.publish(accepted(record.order))
            failure = abandoned(record, ending)
            if not self.ledger.note_failure(failure, record.order):
                found = self.ledger.record_of(request_id)
                record = found if found is not None else record
            else:
                self.facts.publish(failure)
        if record.answer is not None:
            fact = RestoreCompleted if record.outcome == "completed" else RestoreFailed
            self.facts.publish(fact.model_validate(record.answer))
        self.ledger.close(request_id)


def accepted(order: Order) -> RestoreAccepted:
    """Word that a restore begins, as its workflow does."""
    request = order.request
    place = request.target_table
    if order.target.region != order.source.region:
        place += f" in {order.target.region}"
    told = _told_of(order)
    return RestoreAccepted(
        id=f"restore/{request.request_id}/accepted",
        time=order.accepted_at,
        severity="info",
        reason=f"{request.source_table} is being restored to {place}, as of {told['restore_to']}.",
        **told,
    )


def abandoned(record: RestoreRecord, ending: Ending) -> RestoreFailed:
    """Word the failure of a restore whose workflow ended before there was an outcome."""
    request = record.order.request
    error = ending.as_error("restore workflow")
    if record.called_at is None:
        reached = "AWS had not been asked for it: no table comes of it"
    else:
        reached = (
            f"AWS was asked for it at {iso(record.called_at)}: {request.target_table} may be there "
            "or may still come, without the settings of its source but PITR"
        )
    return RestoreFailed(
        id=f"restore/{request.request_id}/failed",
        time=ending.at,
        severity="critical",
        reason=f"The restore of {request.source_table} was not seen through: {error}. {reached}.",
        error=error,
        **_told_of(record.order),
    )


def _told_of(order: Order) -> dict[str, Any]:
    """The fields that every fact about an accepted restore has."""
    request = order.request
    return {
        "table": order.source,
        "request_id": request.request_id,
        "requested_by": request.requested_by,
        "request_reason": request.reason,
        "source_table": request.source_table,
        "target_table": request.target_table,
        "restore_to": request.content()["restoreTo"],
    }


def _order_in(detail: Mapping[str, Any]) -> Order | None:
    try:
        return Order.model_validate_json(detail.get("input") or "")
    except ValidationError:
        return None

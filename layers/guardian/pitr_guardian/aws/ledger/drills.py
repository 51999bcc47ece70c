"""What the ledger holds of drills.

The record of a drill is under ``pk`` ``drill#<drill id>``, ``sk`` ``drill``: ``order``, and later
``calledAt``, ``copyId``, ``activeAt``, ``verifiedAt``, ``removedAt``, ``trouble`` and ``answer``.
What looks over all of them is under ``pk`` ``drills``: ``sk`` ``open#<drill id>`` for those whose
answer wasn't told yet, ``copy#<drill id>`` for those whose copy isn't known to be gone,
``table#<table ARN>`` for a table's last drill, ``month#2026-11`` for what a month's drills cost,
and ``told#<month>#<table ARN>`` for a table that was due and wasn't drilled. The refusal of an
event is under ``pk`` ``drill#event#<event id>``, ``sk`` ``answer``. A copy has a ``memory`` of its
own, as every table has, with the drill's id in ``copyOf``: it is written before the copy is born.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.drill_items import (
    concluding,
    drill_key,
    mark,
    opening,
    record_from,
    table_key,
)
from pitr_guardian.aws.ledger.event_answers import EventAnswers
from pitr_guardian.aws.ledger.items import item_of, known
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.basics.instants import iso
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import DrillNotUnderWayError, OverBudgetError
from pitr_guardian.drills.record import DrillRecord, Milestone
from pitr_guardian.facts.drill_facts import DrillPassed, DrillRejected

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.drills.ports import DrillAnswer


class DrillLedger:
    """``drills.ports.OpenDrills``, ``Milestones`` and ``UnansweredDrills`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name
        self._events = EventAnswers(client, name, "drill", DrillRejected)

    @needs("dynamodb:GetItem", on="ledger")
    def record_of(self, drill_id: str) -> DrillRecord | None:
        """See ``drills.ports.DrillRecords``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=drill_key(drill_id), ConsistentRead=True
            )
        return record_from(answer.get("Item", {}))

    def open(
        self, order: DrillOrder, budget: float | None = None, *, event_id: str | None = None
    ) -> DrillRecord:
        """See ``drills.ports.OpenDrills``; with a budget, ``drills.ports.BudgetedDrills``."""
        if budget is not None and order.estimate_in_usd > budget:
            raise OverBudgetError(order.drill_id)
        try:
            with later_if_passing():
                taking = self._events.taking(event_id, order.drill_id, order.accepted_at)
                self._client.transact_write_items(
                    TransactItems=[*taking, *opening(self._name, order, budget)]
                )
        except self._client.exceptions.TransactionCanceledException as cancelled:
            found = self.record_of(order.drill_id)
            if found is not None:
                return found
            if _over_budget(cancelled.response):
                raise OverBudgetError(order.drill_id) from cancelled
            if self._events.was_answered(event_id):
                raise AnsweredMeanwhileError(event_id) from cancelled
            raise
        return DrillRecord(order)

    @needs("dynamodb:UpdateItem", on="ledger")
    def reach(self, drill_id: str, milestone: Milestone, at: datetime) -> datetime:
        """See ``drills.ports.Milestones``."""
        try:
            with later_if_passing():
                answer = self._client.update_item(
                    TableName=self._name,
                    Key=drill_key(drill_id),
                    UpdateExpression="SET #at = if_not_exists(#at, :at)",
                    ConditionExpression="attribute_exists(#order)",
                    ExpressionAttributeNames={"#at": milestone.value, "#order": "order"},
                    ExpressionAttributeValues=item_of({":at": iso(at)}),
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException as unknown:
            raise DrillNotUnderWayError(f"the ledger knows of no drill {drill_id}") from unknown
        return datetime.fromisoformat(answer["Attributes"][milestone.value]["S"])

    def conclude(self, drill_id: str, answer: "DrillAnswer") -> DrillRecord:
        """See ``drills.ports.DrillAnswers``. Its cost is counted with it, and so once."""
        record = self.record_of(drill_id)
        if record is None:
            raise DrillNotUnderWayError(f"the ledger knows of no drill {drill_id}")
        if record.answer is None:
            try:
                with later_if_passing():
                    self._client.transact_write_items(
                        TransactItems=concluding(self._name, record.order, answer)
                    )
            except self._client.exceptions.TransactionCanceledException:
                if (record := self.record_of(drill_id)) is None or record.answer is None:
                    raise
            else:
                record = replace(record, answer=answer)
        self._note_outcome(record)
        return record

    @needs("dynamodb:DeleteItem", on="ledger")
    def close(self, drill_id: str) -> None:
        """See ``drills.ports.DrillAnswers``."""
        with later_if_passing():
            self._client.delete_item(TableName=self._name, Key=mark("open", drill_id))

    @needs("dynamodb:Query", on="ledger")
    def unanswered(self, before: datetime) -> Sequence[str]:
        """See ``drills.ports.UnansweredDrills``."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :drills AND begins_with(sk, :open)",
                FilterExpression="since < :before",
                ExpressionAttributeValues=item_of(
                    {":drills": "drills", ":open": "open#", ":before": iso(before)}
                ),
            )
            return [item["sk"]["S"].split("#", 1)[1] for page in pages for item in page["Items"]]

    def answer_to(self, event_id: str) -> DrillRejected | None:
        """See ``drills.ports.DrillEventAnswers``."""
        return self._events.answer_to(event_id)

    def note_answer(
        self, event_id: str, answer: DrillRejected, now: datetime
    ) -> DrillRejected | None:
        """See ``drills.ports.DrillEventAnswers``."""
        return self._events.note(event_id, answer, now)

    @needs("dynamodb:UpdateItem", on="ledger")
    def _note_outcome(self, record: DrillRecord) -> None:
        """Note how a table's last drill ended, unless a later one has begun."""
        answer = record.answer
        if answer is None:
            return
        seconds = answer.recovery_time.seconds
        values = known(
            {
                ":outcome": "passed" if isinstance(answer, DrillPassed) else "failed",
                ":at": iso(answer.time),
                ":seconds": None if seconds is None else round(seconds),
                ":id": record.order.drill_id,
            }
        )
        update = "SET outcome = :outcome, endedAt = :at" + (
            ", seconds = :seconds" if ":seconds" in values else ""
        )
        try:
            with later_if_passing():
                self._client.update_item(
                    TableName=self._name,
                    Key=table_key(record.order.table.arn),
                    UpdateExpression=update,
                    ConditionExpression="drillId = :id",
                    ExpressionAttributeValues=item_of(values),
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return


def _over_budget(response: Any) -> bool:
    reasons = response.get("CancellationReasons", [])
    return bool(reasons) and reasons[-1].get("Code") == "ConditionalCheckFailed"

"""What the ledger holds of restores' orders and answers.

The record of a restore has ``order``, and later ``calledAt``, ``progress``, ``outcome``,
``finishedAt`` and ``answer``. Those that aren't answered are under ``pk`` ``restores``, ``sk``
``open#<request id>``, too: whoever looks for them doesn't read through all that ever were. The
answers to events are ``aws.ledger.event_answers``'.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.event_answers import EventAnswers
from pitr_guardian.aws.ledger.items import (
    expiry,
    item_of,
    known,
    measured_key,
)
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.basics.instants import iso
from pitr_guardian.facts.facts import (
    RestorePlanned,
    RestoreRejected,
)
from pitr_guardian.restore.estimate import Measured
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.record import RestoreRecord
from pitr_guardian.tables.reference import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.facts.facts import RestoreFailed
    from pitr_guardian.restore.ports import RestoreAnswer


class OrderLedger:
    """``ports.Requests``, ``RestoreRecords``, ``ProgressRecord`` and ``Answers`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name
        self._events: EventAnswers[RestoreAnswer] = EventAnswers(
            client, name, "restore", RestoreRejected, RestorePlanned
        )

    @needs("dynamodb:GetItem", on="ledger")
    def record_of(self, request_id: str) -> RestoreRecord | None:
        """See ``restore.ports.RestoreRecords``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=_key(request_id), ConsistentRead=True
            )
        values = {
            name: attribute_values.read(value) for name, value in answer.get("Item", {}).items()
        }
        if "order" not in values:
            return None
        called_at = values.get("calledAt")
        return RestoreRecord(
            order=Order.model_validate_json(values["order"]),
            called_at=datetime.fromisoformat(called_at) if called_at else None,
            outcome=values.get("outcome"),
            answer=json.loads(values["answer"]) if "answer" in values else None,
        )

    @needs("dynamodb:GetItem", on="ledger")
    def measured(self, source: TableRef) -> Measured | None:
        """See ``ports.MeasuredTimes``; ``aws.ledger.evidence`` writes it."""
        with later_if_passing():
            answer = self._client.get_item(TableName=self._name, Key=measured_key(source.arn))
        found = answer.get("Item", {}).get("measured")
        return Measured.model_validate_json(found["S"]) if found else None

    @needs("dynamodb:PutItem", on="ledger")
    def open(self, order: Order, *, event_id: str | None = None) -> RestoreRecord:
        """See ``ports.OpenRecords``. The mark comes first: one without a record is harmless."""
        request_id = order.request.request_id
        record = {
            "order": order.model_dump_json(by_alias=True),
            "acceptedAt": iso(order.accepted_at),
            "expiresAt": expiry(order.accepted_at),
        }
        try:
            with later_if_passing():
                self._client.put_item(
                    TableName=self._name,
                    Item=_mark(request_id) | item_of(known(record | {"order": None})),
                )
                put: Any = {
                    "TableName": self._name,
                    "Item": _key(request_id) | item_of(record),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
                taking = self._events.taking(event_id, request_id, order.accepted_at)
                self._client.transact_write_items(TransactItems=[{"Put": put}, *taking])
        except self._client.exceptions.TransactionCanceledException as cancelled:
            found = self.record_of(request_id)
            if found is None and self._events.was_answered(event_id):
                raise AnsweredMeanwhileError(event_id) from cancelled
            if found is None:
                raise
            if found.outcome is not None:
                self.close(request_id)
            return found
        return RestoreRecord(order)

    def answer_to(self, event_id: str) -> "RestoreAnswer | None":
        """See ``restore.ports.EventAnswers``."""
        return self._events.answer_to(event_id)

    def note_answer(
        self, event_id: str, answer: "RestoreAnswer", now: datetime
    ) -> "RestoreAnswer | None":
        """See ``restore.ports.EventAnswers``."""
        return self._events.note(event_id, answer, now)

    @needs("dynamodb:UpdateItem", on="ledger")
    def note_progress(self, order: Order, setting: str, done: int, total: int) -> None:
        """See ``restore.ports.ProgressRecord``."""
        progress = json.dumps({"setting": setting, "done": done, "total": total})
        with later_if_passing():
            self._client.update_item(
                TableName=self._name,
                Key=_key(order.request.request_id),
                UpdateExpression="SET progress = :progress",
                ExpressionAttributeValues=item_of({":progress": progress}),
            )

    @needs("dynamodb:UpdateItem", on="ledger")
    def note_failure(self, answer: "RestoreFailed", order: Order) -> bool:
        """See ``restore.ports.Answers``. The attributes are those that the workflow writes."""
        try:
            with later_if_passing():
                self._client.update_item(
                    TableName=self._name,
                    Key=_key(order.request.request_id),
                    UpdateExpression=(
                        "SET outcome = :failed, finishedAt = :now, failure = :error,"
                        " answer = :answer REMOVE progress"
                    ),
                    ConditionExpression="attribute_not_exists(outcome)",
                    ExpressionAttributeValues=item_of(
                        {
                            ":failed": "failed",
                            ":now": iso(answer.time),
                            ":error": answer.error,
                            ":answer": json.dumps(answer.detail()),
                        }
                    ),
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    @needs("dynamodb:DeleteItem", on="ledger")
    def close(self, request_id: str) -> None:
        """See ``restore.ports.Answers``."""
        with later_if_passing():
            self._client.delete_item(TableName=self._name, Key=_mark(request_id))

    @needs("dynamodb:Query", on="ledger")
    def unanswered(self, before: datetime) -> Sequence[str]:
        """See ``restore.ports.Answers``."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :restores AND begins_with(sk, :open)",
                FilterExpression="acceptedAt < :before",
                ExpressionAttributeValues=item_of(
                    {":restores": "restores", ":open": "open#", ":before": iso(before)}
                ),
            )
            return [
                item["sk"]["S"].removeprefix("open#") for page in pages for item in page["Items"]
            ]


def _key(request_id: str) -> dict[str, Any]:
    return item_of({"pk": f"restore#{request_id}", "sk": "restore"})


def _mark(request_id: str) -> dict[str, Any]:
    return item_of({"pk": "restores", "sk": f"open#{request_id}"})

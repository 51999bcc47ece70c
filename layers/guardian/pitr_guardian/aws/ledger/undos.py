"""What the ledger holds of undos.

The record of an undo is under ``pk`` ``undo#<plan id>``, ``sk`` ``undo``: ``order``, and later
``plan``, ``approval`` and ``outcome``, each JSON as it was told. Phases whose answer wasn't told
yet are under ``pk`` ``undos``, ``sk`` ``open#<phase>#<plan id>``, too: whoever looks for them
doesn't read through all that ever were. The answers to events are ``aws.ledger.event_answers``'.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.event_answers import EventAnswers
from pitr_guardian.aws.ledger.items import expiry, item_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.basics.instants import iso
from pitr_guardian.facts.undo_facts import UndoCompleted, UndoFailed, UndoPlanned, UndoRejected
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.ports import UndoNotUnderWayError
from pitr_guardian.undo.record import Phase, UndoRecord

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.undo.ports import UndoAnswer

_KINDS: "dict[str, type[UndoAnswer]]" = {
    kind.detail_type: kind for kind in (UndoPlanned, UndoCompleted, UndoFailed)
}
_ANSWER_IN = {Phase.PLAN: "plan", Phase.APPLY: "outcome"}


class UndoLedger:
    """``undo.ports.OpenUndos``, ``ApprovableUndos`` and ``UnansweredUndos`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name
        self._events = EventAnswers(client, name, "undo", UndoRejected)

    @needs("dynamodb:GetItem", on="ledger")
    def record_of(self, plan_id: str) -> UndoRecord | None:
        """See ``undo.ports.UndoRecords``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=_key(plan_id), ConsistentRead=True
            )
        return _record_from(answer.get("Item", {}))

    @needs("dynamodb:PutItem", on="ledger")
    def open(self, order: UndoOrder, *, event_id: str | None = None) -> UndoRecord:
        """See ``undo.ports.OpenUndos``. The mark comes first: one without a record is harmless."""
        record = {"order": order.model_dump_json(by_alias=True), "expiresAt": expiry(order.now)}
        try:
            with later_if_passing():
                self._mark(order.plan_id, Phase.PLAN, order.accepted_at)
                put: Any = {
                    "TableName": self._name,
                    "Item": _key(order.plan_id) | item_of(record),
                    "ConditionExpression": "attribute_not_exists(pk)",
                }
                taking = self._events.taking(event_id, order.plan_id, order.now)
                self._client.transact_write_items(TransactItems=[{"Put": put}, *taking])
        except self._client.exceptions.TransactionCanceledException as cancelled:
            if self.record_of(order.plan_id) is None and self._events.was_answered(event_id):
                raise AnsweredMeanwhileError(event_id) from cancelled
            return self._found(order.plan_id, Phase.PLAN)
        return UndoRecord(order)

    @needs("dynamodb:UpdateItem", on="ledger")
    def approve(self, plan_id: str, approval: Approval) -> UndoRecord:
        """See ``undo.ports.ApprovableUndos``."""
        try:
            with later_if_passing():
                self._mark(plan_id, Phase.APPLY, approval.approved_at)
                update: Any = {
                    "TableName": self._name,
                    "Key": _key(plan_id),
                    "UpdateExpression": "SET approval = :approval",
                    "ConditionExpression": (
                        "attribute_exists(#order) AND attribute_not_exists(approval)"
                    ),
                    "ExpressionAttributeNames": {"#order": "order"},
                    "ExpressionAttributeValues": item_of(
                        {":approval": approval.model_dump_json(by_alias=True)}
                    ),
                }
                taking = self._events.taking(approval.event_id, plan_id, approval.approved_at)
                self._client.transact_write_items(TransactItems=[{"Update": update}, *taking])
        except self._client.exceptions.TransactionCanceledException as cancelled:
            record = _known(self.record_of(plan_id), plan_id)
            if record.approval is None and self._events.was_answered(approval.event_id):
                raise AnsweredMeanwhileError(approval.event_id) from cancelled
            if record.approval is None:
                raise
        return self._found(plan_id, Phase.APPLY)

    @needs("dynamodb:UpdateItem", on="ledger")
    def conclude(self, plan_id: str, phase: Phase, answer: "UndoAnswer") -> UndoRecord:
        """See ``undo.ports.UndoAnswers``."""
        begun = "#order" if phase is Phase.PLAN else "approval"
        told = {"detailType": answer.detail_type, "detail": answer.detail()}
        names = {"#answer": _ANSWER_IN[phase]}
        if phase is Phase.PLAN:
            names["#order"] = "order"
        try:
            with later_if_passing():
                updated = self._client.update_item(
                    TableName=self._name,
                    Key=_key(plan_id),
                    UpdateExpression="SET #answer = :answer",
                    ConditionExpression=(
                        f"attribute_exists({begun}) AND attribute_not_exists(#answer)"
                    ),
                    ExpressionAttributeNames=names,
                    ExpressionAttributeValues=item_of({":answer": json.dumps(told)}),
                    ReturnValues="ALL_NEW",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return _known(self.record_of(plan_id), plan_id)
        return _known(_record_from(updated["Attributes"]), plan_id)

    @needs("dynamodb:DeleteItem", on="ledger")
    def close(self, plan_id: str, phase: Phase) -> None:
        """See ``undo.ports.UndoAnswers``."""
        with later_if_passing():
            self._client.delete_item(TableName=self._name, Key=_mark(plan_id, phase))

    @needs("dynamodb:Query", on="ledger")
    def unanswered(self, before: datetime) -> Sequence[tuple[str, Phase]]:
        """See ``undo.ports.UnansweredUndos``."""
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :undos AND begins_with(sk, :open)",
                FilterExpression="since < :before",
                ExpressionAttributeValues=item_of(
                    {":undos": "undos", ":open": "open#", ":before": iso(before)}
                ),
            )
            marks = [item["sk"]["S"].split("#", 2) for page in pages for item in page["Items"]]
        return [(plan_id, Phase(phase)) for _, phase, plan_id in marks]

    def answer_to(self, event_id: str) -> UndoRejected | None:
        """See ``undo.ports.UndoEventAnswers``."""
        return self._events.answer_to(event_id)

    def note_answer(
        self, event_id: str, answer: UndoRejected, now: datetime
    ) -> UndoRejected | None:
        """See ``undo.ports.UndoEventAnswers``."""
        return self._events.note(event_id, answer, now)

    @needs("dynamodb:PutItem", on="ledger")
    def _mark(self, plan_id: str, phase: Phase, since: datetime) -> None:
        """Mark a phase as unanswered."""
        self._client.put_item(
            TableName=self._name,
            Item=_mark(plan_id, phase) | item_of({"since": iso(since), "expiresAt": expiry(since)}),
        )

    def _found(self, plan_id: str, phase: Phase) -> UndoRecord:
        """What is recorded; a mark that was set for nothing is taken away."""
        record = _known(self.record_of(plan_id), plan_id)
        if record.answer_of(phase) is not None:
            self.close(plan_id, phase)
        return record


def _known(record: UndoRecord | None, plan_id: str) -> UndoRecord:
    if record is None:
        raise UndoNotUnderWayError(f"the ledger knows of no undo {plan_id}")
    return record


def _record_from(item: Any) -> UndoRecord | None:
    values = {name: attribute_values.read(value) for name, value in item.items()}
    if "order" not in values:
        return None
    plan, outcome = _answer(values.get("plan")), _answer(values.get("outcome"))
    return UndoRecord(
        order=UndoOrder.model_validate_json(values["order"]),
        plan=None if isinstance(plan, UndoCompleted) else plan,
        approval=(
            Approval.model_validate_json(values["approval"]) if "approval" in values else None
        ),
        outcome=None if isinstance(outcome, UndoPlanned) else outcome,
    )


def _answer(text: str | None) -> "UndoAnswer | None":
    if text is None:
        return None
    told = json.loads(text)
    return _KINDS[told["detailType"]].model_validate(told["detail"])


def _key(plan_id: str) -> dict[str, Any]:
    return item_of({"pk": f"undo#{plan_id}", "sk": "undo"})


def _mark(plan_id: str, phase: Phase) -> dict[str, Any]:
    return item_of({"pk": "undos", "sk": f"open#{phase}#{plan_id}"})

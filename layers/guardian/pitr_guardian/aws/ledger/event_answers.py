"""How an event with a request was answered: refused, or taken up; never both.

A bus may deliver an event twice at once, and the world may change between two looks at it. What
becomes of it is under ``pk`` ``<what>#event#<event id>``, ``sk`` ``answer``: ``detailType`` and
``detail`` of an answer that started nothing, or ``taken`` with the id of what was begun. Whoever
comes first decides: beginning something and taking the event up are one transaction.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.items import item_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.facts import Fact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DELIVERED_WITHIN = timedelta(days=2)
"""EventBridge tries for 24 hours to deliver an event, and Lambda for six more to handle it."""


class EventAnswers[Answer: Fact]:
    """The answers to events of one kind of request."""

    def __init__(
        self, client: "DynamoDBClient", name: str, what: str, *kinds: type[Answer]
    ) -> None:
        """Take the client, the ledger table's name, the kind's key, and which answers there are."""
        self._client = client
        self._name = name
        self._what = what
        self._kinds: Mapping[str, type[Answer]] = {kind.detail_type: kind for kind in kinds}

    @needs("dynamodb:GetItem", on="ledger")
    def answer_to(self, event_id: str) -> Answer | None:
        """Tell the answer that an event had, if it had one that started nothing."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=self._key(event_id), ConsistentRead=True
            )
        item = answer.get("Item", {})
        if "detail" not in item:
            return None
        kind = self._kinds[item["detailType"]["S"]]
        return kind.model_validate_json(item["detail"]["S"])

    def was_answered(self, event_id: str | None) -> bool:
        """Tell whether an event had such an answer."""
        return event_id is not None and self.answer_to(event_id) is not None

    @needs("dynamodb:PutItem", on="ledger")
    def note(self, event_id: str, answer: Answer, now: datetime) -> Answer | None:
        """Record an answer before it is told; tell which one stands, None where it was taken up."""
        told = {"detailType": answer.detail_type, "detail": json.dumps(answer.detail())}
        try:
            with later_if_passing():
                self._client.put_item(
                    TableName=self._name,
                    Item=self._item(event_id, now, told),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.answer_to(event_id)
        return answer

    @needs("dynamodb:PutItem", on="ledger")
    def taking(self, event_id: str | None, taken: str, now: datetime) -> list[Any]:
        """The write by which an event is taken up, for the transaction that begins something.

        Args:
            event_id: the event's id; None where there is none, and nothing to write.
            taken: the id of what is begun.
            now: when.
        """
        if event_id is None:
            return []
        put = {
            "TableName": self._name,
            "Item": self._item(event_id, now, {"taken": taken}),
            "ConditionExpression": "attribute_not_exists(detail)",
        }
        return [{"Put": put}]

    def _key(self, event_id: str) -> dict[str, Any]:
        return item_of({"pk": f"{self._what}#event#{event_id}", "sk": "answer"})

    def _item(self, event_id: str, now: datetime, what: Mapping[str, str]) -> dict[str, Any]:
        expires = int((now + _DELIVERED_WITHIN).timestamp())
        return self._key(event_id) | item_of({**what, "expiresAt": expires})

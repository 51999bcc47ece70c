"""The answers to events that started nothing.

One is under ``pk`` ``<what>#event#<event id>``, ``sk`` ``answer``: ``detailType`` and ``detail``,
as the fact was told. An event may be delivered again, when the answer might be another.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.items import item_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.facts.facts import Fact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DELIVERED_WITHIN = timedelta(days=2)
"""EventBridge tries for 24 hours to deliver an event, and Lambda for six more to handle it."""


class EventAnswers[Answer: Fact]:
    """The answers to events of one sort; an earlier answer stands."""

    def __init__(
        self, client: "DynamoDBClient", name: str, of: str, kinds: Sequence[type[Answer]]
    ) -> None:
        """Take the client, the ledger table's name, what the events ask for, and what answers."""
        self._client = client
        self._name = name
        self._of = of
        self._kinds = {kind.detail_type: kind for kind in kinds}

    @needs("dynamodb:GetItem", on="ledger")
    def answer_to(self, event_id: str) -> Answer | None:
        """Tell the answer that an event got; None where it got none."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=self._key(event_id), ConsistentRead=True
            )
        item = answer.get("Item", {})
        values = {name: attribute_values.read(value) for name, value in item.items()}
        kind = self._kinds.get(values.get("detailType", ""))
        return kind.model_validate_json(values["detail"]) if kind else None

    @needs("dynamodb:PutItem", on="ledger")
    def note_answer(self, event_id: str, answer: Answer, now: datetime) -> Answer:
        """Record the answer to an event before it is told; give the one that stands."""
        record = {
            "detailType": answer.detail_type,
            "detail": json.dumps(answer.detail()),
            "expiresAt": int((now + _DELIVERED_WITHIN).timestamp()),
        }
        try:
            with later_if_passing():
                self._client.put_item(
                    TableName=self._name,
                    Item=self._key(event_id) | item_of(record),
                    ConditionExpression="attribute_not_exists(pk)",
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self.answer_to(event_id) or answer
        return answer

    def _key(self, event_id: str) -> dict[str, Any]:
        return item_of({"pk": f"{self._of}#event#{event_id}", "sk": "answer"})

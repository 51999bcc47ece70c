"""What the ledger knows of alerts: who was told, and what is folded.

An alert is under ``pk`` ``alert#<fact id>``, ``sk`` ``alert``: ``sentAt`` and ``sentToChatAt`` say
when SNS took it, or ``foldedInto`` which digest has it. Of each kind of alerts there is ``pk``
``alerts#<event>#<severity>#<account>#<region>``: ``sk`` ``flow`` for the latest of them and the
flood that they are of, ``folded#<flood>#<fact id>`` for each that was folded into one.

Any number of functions do this at once. What is told by itself is counted by a conditional write,
each over the version that was read. To join a flood takes two: the alert's own record, and then a
count that holds only while the flood is open. Whoever ends a flood ends it first and reads then:
what was counted was recorded before, so it is read. One who comes too late takes its record back.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing, refused_if_final
from pitr_guardian.aws.ledger import attribute_values
from pitr_guardian.aws.ledger.items import expiry, item_of, known, update_of
from pitr_guardian.aws.ledger.memory import instant_of
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import iso
from pitr_guardian.facts.digest import Folded
from pitr_guardian.facts.folding import Alert, Counted, Flow, Kind

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEPT = timedelta(days=30)
"""Longer than a digest's order waits anywhere, dead letters included."""

_WHERE = {"alerts": "sentAt", "chat": "sentToChatAt", "digest": "foldedInto"}


@contextmanager
def _answered() -> Iterator[None]:
    with refused_if_final(), later_if_passing():
        yield


class AlertLedger:
    """``facts.ports.AlertRecords`` and ``facts.ports.Floods`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    @needs("dynamodb:GetItem", on="ledger")
    @_answered()
    def told(self, alert_id: str) -> frozenset[str]:
        """See ``facts.ports.AlertRecords``."""
        answer = self._client.get_item(
            TableName=self._name, Key=_alert(alert_id), ConsistentRead=True
        )
        item = answer.get("Item", {})
        return frozenset(where for where, attribute in _WHERE.items() if attribute in item)

    @needs("dynamodb:UpdateItem", on="ledger")
    @_answered()
    def note_told(self, alert: Alert, where: str, now: datetime, digest: str | None = None) -> None:
        """See ``facts.ports.AlertRecords``."""
        values = {
            "event": alert.event,
            "time": iso(alert.at),
            _WHERE[where]: digest or iso(now),
            "expiresAt": expiry(now),
        }
        self._client.update_item(TableName=self._name, Key=_alert(alert.id), **update_of(values))

    @needs("dynamodb:GetItem", on="ledger")
    @_answered()
    def flow(self, kind: Kind) -> Flow:
        """See ``facts.ports.AlertRecords``."""
        answer = self._client.get_item(
            TableName=self._name, Key=_of(kind, "flow"), ConsistentRead=True
        )
        return _flow_from(answer.get("Item", {}))

    @_answered()
    def save(self, kind: Kind, flow: Flow, now: datetime) -> bool:
        """See ``facts.ports.AlertRecords``."""
        update, before = _written(flow, now), flow.version - 1
        if not before:
            return self._update(kind, update, "attribute_not_exists(#version)")
        update["ExpressionAttributeValues"] |= item_of({":before": before})
        return self._update(kind, update, "#version = :before")

    @needs("dynamodb:PutItem", "dynamodb:DeleteItem", on="ledger")
    @_answered()
    def join(self, alert: Alert, kind: Kind, flood: str, now: datetime) -> bool:
        """See ``facts.ports.AlertRecords``."""
        key = _of(kind, f"folded#{flood}#{alert.id}")
        record = {
            "alert": alert.id,
            "time": iso(alert.at),
            "table": alert.table,
            "who": alert.who,
            "reason": alert.reason,
            "expiresAt": int((now + _KEPT).timestamp()),
        }
        self._client.put_item(TableName=self._name, Item=key | item_of(known(record)))
        counted = {
            "UpdateExpression": "SET #latest = :now ADD #folded :one",
            "ExpressionAttributeNames": {"#latest": "latest", "#folded": "folded"},
            "ExpressionAttributeValues": item_of({":now": iso(now), ":one": 1, ":flood": flood}),
        }
        is_open = self._update(kind, counted, "flood = :flood")
        if not is_open:
            self._client.delete_item(TableName=self._name, Key=key)
        return is_open

    @_answered()
    def close(self, kind: Kind, flood: str, now: datetime) -> None:
        """See ``facts.ports.Floods``."""
        flow = self.flow(kind)
        if flow.flood == flood:
            update = _written(flow.over(), now)
            update["ExpressionAttributeValues"] |= item_of({":before": flood})
            self._update(kind, update, "#flood = :before")

    @needs("dynamodb:Query", on="ledger")
    @_answered()
    def folded(self, kind: Kind, flood: str) -> Sequence[Folded]:
        """See ``facts.ports.Floods``."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :flood)",
            ExpressionAttributeValues=item_of({":pk": _pk(kind), ":flood": f"folded#{flood}#"}),
            ConsistentRead=True,
        )
        return [_folded_from(item) for page in pages for item in page["Items"]]

    @needs("dynamodb:UpdateItem", on="ledger")
    def _update(self, kind: Kind, update: Any, condition: str) -> bool:
        """Change the latest of a kind; False where the condition doesn't hold."""
        try:
            with later_if_passing():
                self._client.update_item(
                    TableName=self._name,
                    Key=_of(kind, "flow"),
                    ConditionExpression=condition,
                    **update,
                )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _written(flow: Flow, now: datetime) -> dict[str, Any]:
    return update_of(
        {
            "recent": [f"{iso(each.at)} {each.id}" for each in flow.recent],
            "version": flow.version,
            "flood": flow.flood,
            "due": iso(flow.due) if flow.due else None,
            "folded": flow.folded,
            "latest": iso(flow.latest) if flow.latest else None,
            "expiresAt": int((now + _KEPT).timestamp()),
        }
    )


def _flow_from(item: Mapping[str, Any]) -> Flow:
    """Read a flow; of what another release or hand wrote nothing is known."""
    try:
        values = {name: attribute_values.read(value) for name, value in item.items()}
        due, latest = values.get("due"), values.get("latest")
        counted = [text.partition(" ") for text in values.get("recent", [])]
        return Flow(
            recent=tuple(Counted(alert_id, instant_of(at)) for at, _, alert_id in counted),
            flood=values.get("flood"),
            due=instant_of(due) if due else None,
            folded=int(values.get("folded", 0)),
            latest=instant_of(latest) if latest else None,
            version=int(values.get("version", 0)),
        )
    except (ArithmeticError, AttributeError, TypeError, ValueError):
        return Flow()


def _folded_from(item: Mapping[str, Any]) -> Folded:
    values = {name: attribute_values.read(value) for name, value in item.items()}
    return Folded(
        id=values["alert"],
        at=instant_of(values["time"]),
        table=values["table"],
        who=values.get("who"),
        reason=values["reason"],
    )


def _alert(alert_id: str) -> dict[str, Any]:
    return item_of({"pk": f"alert#{alert_id}", "sk": "alert"})


def _of(kind: Kind, record: str) -> dict[str, Any]:
    return item_of({"pk": _pk(kind), "sk": record})


def _pk(kind: Kind) -> str:
    return f"alerts#{kind.event}#{kind.severity}#{kind.account}#{kind.region}"

"""The ledger: one small DynamoDB table.

Keys: ``pk`` is the table's ARN; ``sk`` is ``memory`` for what is remembered of the table, and
``incident#<time>#<id>`` for each fact that was told of it. Restores are under their request's id:
``pk`` is ``restore#<id>``, ``sk`` is ``restore``; the workflow adds the outcome.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from pitr_guardian.facts import Fact
from pitr_guardian.instants import iso
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Window
from pitr_guardian.order import Order
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STALE_CLAIM = timedelta(minutes=2)
"""After this, a claimant is taken for dead: longer than the function may run."""

INCIDENTS_KEPT = timedelta(days=400)
"""How long incidents are kept; the report looks back 90 days, an auditor a year."""

_write = TypeSerializer().serialize
_read = TypeDeserializer().deserialize


class DynamoLedger:
    """``ports.Ledger`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Take the client and the ledger table's name."""
        self._client = client
        self._name = name

    def recall(self, table: TableRef, table_id: str | None) -> Memory:
        """See ``ports.Ledger``."""
        answer = self._client.get_item(
            TableName=self._name, Key=_key(table, "memory"), ConsistentRead=True
        )
        return _memory(answer.get("Item", {})).of(table_id)

    def notice(self, table: TableRef, table_id: str | None, drift: Drift) -> Memory:
        """See ``ports.Ledger``."""
        values = {":drift": drift.model_dump_json(by_alias=True), ":id": table_id or ""}
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=_key(table, "memory"),
                UpdateExpression="SET drift = if_not_exists(drift, :drift), tableId = :id",
                ConditionExpression="attribute_not_exists(tableId) OR tableId = :id",
                ExpressionAttributeValues=_item(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            # The name has a new bearer: what was remembered is another table's.
            self._client.put_item(
                TableName=self._name,
                Item=_key(table, "memory")
                | _item({"drift": values[":drift"], "tableId": table_id}),
            )
            return Memory(table_id=table_id, drift=drift)
        return _memory(answer["Attributes"])

    def remember(self, table: TableRef, memory: Memory) -> None:
        """See ``ports.Ledger``."""
        self._client.update_item(
            TableName=self._name, Key=_key(table, "memory"), **_update(memory, settle=False)
        )

    def claim(self, table: TableRef, drift: Drift, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=_key(table, "memory"),
                UpdateExpression="SET claimant = :me, claimedAt = :now",
                ConditionExpression=(
                    "drift = :drift AND (attribute_not_exists(claimant)"
                    " OR claimant = :me OR claimedAt < :stale)"
                ),
                ExpressionAttributeValues=_item(
                    {
                        ":drift": drift.model_dump_json(by_alias=True),
                        ":me": claimant,
                        ":now": iso(now),
                        ":stale": iso(now - STALE_CLAIM),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def settle(self, table: TableRef, memory: Memory, told: Fact | None) -> None:
        """See ``ports.Ledger``."""
        key = _key(table, "memory")
        update: Any = {"TableName": self._name, "Key": key, **_update(memory, settle=True)}
        if told is None:
            self._client.update_item(**update)
            return
        incident = _key(table, f"incident#{iso(told.time)}#{told.id}") | _item(
            {
                "detailType": told.detail_type,
                "detail": json.dumps(told.detail()),
                "expiresAt": int((told.time + INCIDENTS_KEPT).timestamp()),
            }
        )
        self._client.transact_write_items(
            TransactItems=[
                {"Update": update},
                {"Put": {"TableName": self._name, "Item": incident}},
            ]
        )

    def note_call(self, order: Order, now: datetime) -> datetime | None:
        """See ``ports.Ledger``."""
        values = {
            ":now": iso(now),
            ":order": order.model_dump_json(by_alias=True),
            ":expires": int((now + INCIDENTS_KEPT).timestamp()),
        }
        answer = self._client.update_item(
            TableName=self._name,
            Key=_restore_key(order),
            UpdateExpression=(
                "SET calledAt = if_not_exists(calledAt, :now), #order = :order,"
                " expiresAt = :expires"
            ),
            ExpressionAttributeNames={"#order": "order"},
            ExpressionAttributeValues=_item(values),
            ReturnValues="ALL_OLD",
        )
        called_at = answer.get("Attributes", {}).get("calledAt")
        return _instant(_read(called_at)) if called_at else None

    def forget_call(self, order: Order) -> None:
        """See ``ports.Ledger``."""
        self._client.update_item(
            TableName=self._name, Key=_restore_key(order), UpdateExpression="REMOVE calledAt"
        )

    def expect(self, table: TableRef, period: int) -> None:
        """See ``ports.Ledger``."""
        self._client.put_item(
            TableName=self._name, Item=_key(table, "memory") | _item({"period": period})
        )


def _restore_key(order: Order) -> dict[str, Any]:
    return _item({"pk": f"restore#{order.request.request_id}", "sk": "restore"})


def _key(table: TableRef, record: str) -> dict[str, Any]:
    return _item({"pk": table.arn, "sk": record})


def _item(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _write(value) for name, value in values.items()}


def _update(memory: Memory, *, settle: bool) -> dict[str, Any]:
    """Write what is known and remove what isn't; drift and claim go only when settled."""
    values = {
        "tableId": memory.table_id,
        "period": memory.period,
        "earliest": iso(memory.window.earliest) if memory.window else None,
        "latest": iso(memory.window.latest) if memory.window else None,
        "seenOnAt": iso(memory.seen_on_at) if memory.seen_on_at else None,
        "tolerated": memory.tolerated.model_dump_json(by_alias=True) if memory.tolerated else None,
        "lastEventId": memory.last_event_id,
    }
    known = {name: value for name, value in values.items() if value is not None}
    unknown = [f"#{name}" for name, value in values.items() if value is None]
    names = {f"#{name}": name for name in values}
    if settle:
        unknown += ["#drift", "#claimant", "#claimedAt"]
        names |= {"#drift": "drift", "#claimant": "claimant", "#claimedAt": "claimedAt"}
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in known)
    if unknown:
        expression += " REMOVE " + ", ".join(unknown)
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": _item({f":{name}": value for name, value in known.items()}),
    }


def _memory(item: Mapping[str, Any]) -> Memory:
    values = {name: _read(value) for name, value in item.items()}
    window = None
    if "earliest" in values:
        window = Window(_instant(values["earliest"]), _instant(values["latest"]))
    return Memory(
        table_id=values.get("tableId") or None,
        period=int(values["period"]) if "period" in values else None,
        window=window,
        seen_on_at=_instant(values["seenOnAt"]) if "seenOnAt" in values else None,
        drift=_drift(values.get("drift")),
        tolerated=_drift(values.get("tolerated")),
        last_event_id=values.get("lastEventId"),
    )


def _drift(text: str | None) -> Drift | None:
    return Drift.model_validate_json(text) if text else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

"""The ledger: one small DynamoDB table.

Keys: ``pk`` is the table's ARN; ``sk`` is ``memory`` for what is remembered of the table,
``incident#<time>#<id>`` for each fact that was told of it, and ``told#<id>`` for facts that are
told once. Restores are under their request's id: ``pk`` is ``restore#<id>``, ``sk`` is
``restore``; the workflow adds the outcome.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from pitr_guardian.facts import Fact
from pitr_guardian.fight import Strife
from pitr_guardian.instants import iso
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Window
from pitr_guardian.order import Order
from pitr_guardian.ports import TryLaterError
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STALE_CLAIM = timedelta(minutes=2)
"""After this, a claimant is taken for dead: longer than the function may run."""

INCIDENTS_KEPT = timedelta(days=400)
"""How long incidents are kept; the report looks back 90 days, an auditor a year."""

_SAME_TABLE = "(attribute_not_exists(tableId) OR tableId = :id)"
_UNSETTLED = ("drift", "driftNoticedAt", "claimant", "claimedAt")

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
        return self._held(table).of(table_id)

    def notice(self, table: TableRef, table_id: str | None, drift: Drift) -> Memory:
        """See ``ports.Ledger``."""
        written = drift.model_dump_json(by_alias=True)
        values = {":drift": written, ":noticedAt": iso(drift.noticed_at)}
        update = (
            "SET drift = if_not_exists(drift, :drift),"
            " driftNoticedAt = if_not_exists(driftNoticedAt, :noticedAt)"
        )
        condition = "(attribute_not_exists(seenOnAt) OR seenOnAt < :noticedAt)"
        if table_id is not None:
            values[":id"] = table_id
            update += ", tableId = :id"
            condition += f" AND {_SAME_TABLE}"
        try:
            answer = self._client.update_item(
                TableName=self._name,
                Key=key_of(table, "memory"),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=item_of(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            held = self._held(table)
            if held.of(table_id) == held:
                return held
            item = {
                "drift": written,
                "driftNoticedAt": values[":noticedAt"],
                "tableId": table_id,
            }
            self._replace(table, held, item)
            return memory_from(item_of(item))
        return memory_from(answer["Attributes"])

    def remember(self, table: TableRef, memory: Memory) -> None:
        """See ``ports.Ledger``."""
        written = _written(memory)
        update = _update(written)
        values = update["ExpressionAttributeValues"]
        conditions = []
        if memory.table_id is not None:
            values |= item_of({":id": memory.table_id})
            conditions.append(_SAME_TABLE)
        if memory.seen_on_at is not None:
            values |= item_of({":now": iso(memory.seen_on_at)})
            conditions.append("(attribute_not_exists(seenOnAt) OR seenOnAt <= :now)")
        if conditions:
            update["ConditionExpression"] = " AND ".join(conditions)
        try:
            self._client.update_item(TableName=self._name, Key=key_of(table, "memory"), **update)
        except self._client.exceptions.ConditionalCheckFailedException:
            held = self._held(table)
            if held.of(memory.table_id) != held:
                self._replace(table, held, written)

    def claim(self, table: TableRef, drift: Drift, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, "memory"),
                UpdateExpression="SET claimant = :me, claimedAt = :now",
                ConditionExpression=(
                    "driftNoticedAt = :noticedAt AND (attribute_not_exists(claimant)"
                    " OR claimant = :me OR claimedAt < :stale)"
                ),
                ExpressionAttributeValues=item_of(
                    {
                        ":noticedAt": iso(drift.noticed_at),
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
        key = key_of(table, "memory")
        update: Any = {
            "TableName": self._name,
            "Key": key,
            **_update(_written(memory) | dict.fromkeys(_UNSETTLED)),
        }
        if told is None:
            self._client.update_item(**update)
            return
        self._client.transact_write_items(
            TransactItems=[
                {"Update": update},
                {"Put": {"TableName": self._name, "Item": _incident(table, told)}},
            ]
        )

    def claim_fact(self, table: TableRef, fact_id: str, claimant: str, now: datetime) -> bool:
        """See ``ports.Ledger``."""
        try:
            self._client.update_item(
                TableName=self._name,
                Key=key_of(table, f"told#{fact_id}"),
                UpdateExpression="SET claimant = :me, claimedAt = :now, expiresAt = :expires",
                ConditionExpression=(
                    "attribute_not_exists(told) AND (attribute_not_exists(claimant)"
                    " OR claimant = :me OR claimedAt < :stale)"
                ),
                ExpressionAttributeValues=item_of(
                    {
                        ":me": claimant,
                        ":now": iso(now),
                        ":stale": iso(now - STALE_CLAIM),
                        ":expires": int((now + INCIDENTS_KEPT).timestamp()),
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def settle_fact(self, table: TableRef, told: Fact) -> None:
        """See ``ports.Ledger``."""
        self._client.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": self._name,
                        "Key": key_of(table, f"told#{told.id}"),
                        "UpdateExpression": "SET told = :told",
                        "ExpressionAttributeValues": item_of({":told": True}),
                    }
                },
                {"Put": {"TableName": self._name, "Item": _incident(table, told)}},
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
            ExpressionAttributeValues=item_of(values),
            ReturnValues="ALL_OLD",
        )
        called_at = answer.get("Attributes", {}).get("calledAt")
        return _instant(_read(called_at)) if called_at else None

    def note_failure(self, order: Order, error: str, now: datetime) -> None:
        """See ``ports.Ledger``. The attributes are those that the workflow writes."""
        self._client.update_item(
            TableName=self._name,
            Key=_restore_key(order),
            UpdateExpression=(
                "SET outcome = :failed, finishedAt = :now, failure = :error, #order = :order"
            ),
            ExpressionAttributeNames={"#order": "order"},
            ExpressionAttributeValues=item_of(
                {
                    ":failed": "failed",
                    ":now": iso(now),
                    ":error": error,
                    ":order": order.model_dump_json(by_alias=True),
                }
            ),
        )

    def forget_call(self, order: Order) -> None:
        """See ``ports.Ledger``."""
        self._client.update_item(
            TableName=self._name, Key=_restore_key(order), UpdateExpression="REMOVE calledAt"
        )

    def expect_no_more(self, table: TableRef) -> None:
        """See ``ports.Ledger``."""
        try:
            self._client.delete_item(
                TableName=self._name,
                Key=key_of(table, "memory"),
                ConditionExpression="expected = :yes AND attribute_not_exists(tableId)",
                ExpressionAttributeValues=item_of({":yes": True}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return  # it was seen, so it is somebody's

    def expect(self, table: TableRef, period: int) -> None:
        """See ``ports.Ledger``."""
        self._client.put_item(
            TableName=self._name,
            Item=key_of(table, "memory") | item_of({"period": period, "expected": True}),
        )

    def _held(self, table: TableRef) -> Memory:
        answer = self._client.get_item(
            TableName=self._name, Key=key_of(table, "memory"), ConsistentRead=True
        )
        return memory_from(answer.get("Item", {}))

    def _replace(self, table: TableRef, held: Memory, values: Mapping[str, Any]) -> None:
        """The name has a new bearer: what was remembered is another table's, and goes."""
        try:
            self._client.put_item(
                TableName=self._name,
                Item=key_of(table, "memory") | item_of(_known(values)),
                ConditionExpression="tableId = :held",
                ExpressionAttributeValues=item_of({":held": held.table_id}),
            )
        except self._client.exceptions.ConditionalCheckFailedException as overtaken:
            raise TryLaterError("another look writes to the ledger") from overtaken


def _incident(table: TableRef, told: Fact) -> dict[str, Any]:
    return key_of(table, f"incident#{iso(told.time)}#{told.id}") | item_of(
        {
            "detailType": told.detail_type,
            "detail": json.dumps(told.detail()),
            "expiresAt": int((told.time + INCIDENTS_KEPT).timestamp()),
        }
    )


def _restore_key(order: Order) -> dict[str, Any]:
    return item_of({"pk": f"restore#{order.request.request_id}", "sk": "restore"})


def key_of(table: TableRef, record: str) -> dict[str, Any]:
    """The key of one of a table's records, as DynamoDB takes it."""
    return item_of({"pk": table.arn, "sk": record})


def item_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write values as DynamoDB takes them."""
    return {name: _write(value) for name, value in values.items()}


def _written(memory: Memory) -> dict[str, Any]:
    """All that is remembered but an unsettled drift, which is written and removed on its own."""
    folded_until = memory.strife.folded_until
    return {
        "tableId": memory.table_id,
        "period": memory.period,
        "earliest": iso(memory.window.earliest) if memory.window else None,
        "latest": iso(memory.window.latest) if memory.window else None,
        "seenOnAt": iso(memory.seen_on_at) if memory.seen_on_at else None,
        "tolerated": memory.tolerated.model_dump_json(by_alias=True) if memory.tolerated else None,
        "lastEventId": memory.last_event_id,
        "expected": memory.expected or None,
        "incidents": [iso(instant) for instant in memory.strife.incidents] or None,
        "foldedUntil": iso(folded_until) if folded_until else None,
    }


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _update(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is known, and remove what isn't."""
    known = _known(values)
    unknown = [f"#{name}" for name in values if name not in known]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in known)
    if unknown:
        expression += " REMOVE " + ", ".join(unknown)
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in values},
        "ExpressionAttributeValues": item_of({f":{name}": value for name, value in known.items()}),
    }


def memory_from(item: Mapping[str, Any]) -> Memory:
    """Read a table's ``memory`` record, as DynamoDB gives it."""
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
        strife=Strife(
            tuple(map(_instant, values.get("incidents", ()))),
            _instant(values["foldedUntil"]) if "foldedUntil" in values else None,
        ),
        expected=values.get("expected", False),
    )


def _drift(text: str | None) -> Drift | None:
    return Drift.model_validate_json(text) if text else None


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)

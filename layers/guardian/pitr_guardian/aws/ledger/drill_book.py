"""What the ledger holds of all drills together, and of what else is under way."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.ledger.drill_items import in_usd, month_key
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.aws.ledger.items import MEMORY, expiry, instant_from, item_of, key_of
from pitr_guardian.aws.ledger.memory import memory_from
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.instants import Clock, iso
from pitr_guardian.drills.budget import month_of
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import Busy
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.tables.reference import InvalidTableError, TableRef

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from pitr_guardian.facts.drill_facts import DrillRejected

_RESTORE: Callable[[Any], str] = lambda order: order["source"]["arn"]  # noqa: E731
_OTHER: Callable[[Any], str] = lambda order: order["table"]["arn"]  # noqa: E731


class DrillBookLedger:
    """``drills.ports.DrillBook`` on DynamoDB."""

    def __init__(self, client: "DynamoDBClient", name: str, clock: Clock) -> None:
        """Take the client, the ledger table's name, and the time."""
        self._client = client
        self._name = name
        self._clock = clock

    def record_of(self, drill_id: str) -> DrillRecord | None:
        """See ``drills.ports.DrillRecords``."""
        return DrillLedger(self._client, self._name).record_of(drill_id)

    def open(
        self, order: DrillOrder, budget: float | None = None, *, event_id: str | None = None
    ) -> DrillRecord:
        """See ``drills.ports.BudgetedDrills``."""
        return DrillLedger(self._client, self._name).open(order, budget, event_id=event_id)

    def answer_to(self, event_id: str) -> "DrillRejected | None":
        """See ``drills.ports.DrillEventAnswers``."""
        return DrillLedger(self._client, self._name).answer_to(event_id)

    def note_answer(
        self, event_id: str, answer: "DrillRejected", now: datetime
    ) -> "DrillRejected | None":
        """See ``drills.ports.DrillEventAnswers``."""
        return DrillLedger(self._client, self._name).note_answer(event_id, answer, now)

    def last_begun(self) -> Mapping[TableRef, datetime]:
        """See ``drills.ports.DrillBook``."""
        found = {}
        for item in self._under("drills", "table#"):
            with suppress(InvalidTableError, ValueError):
                table = TableRef.from_arn(item["sk"]["S"].removeprefix("table#"))
                found[table] = instant_from(item["lastAt"])
        return found

    def busy(self) -> Busy:
        """See ``drills.ports.DrillBook``."""
        drills = [item["sk"]["S"].removeprefix("open#") for item in self._under("drills", "open#")]
        restores = [item["sk"]["S"].split("#", 1)[1] for item in self._under("restores", "open#")]
        undos = [item["sk"]["S"].split("#", 2)[2] for item in self._under("undos", "open#")]
        arns = [
            *(self._table_of(f"drill#{each}", "drill", _OTHER) for each in drills),
            *(self._table_of(f"restore#{each}", "restore", _RESTORE) for each in restores),
            *(self._table_of(f"undo#{each}", "undo", _OTHER) for each in undos),
        ]
        tables = set()
        for arn in filter(None, arns):
            with suppress(InvalidTableError):
                tables.add(TableRef.from_arn(arn))
        return Busy(tuple(drills), frozenset(tables))

    @needs("dynamodb:GetItem", on="ledger")
    def in_a_fight(self, table: TableRef) -> bool:
        """See ``drills.ports.DrillBook``."""
        with later_if_passing():
            answer = self._client.get_item(TableName=self._name, Key=key_of(table, MEMORY))
        memory = memory_from(answer.get("Item", {}))
        until = memory.strife.folded_until
        return memory.drift is not None or (until is not None and self._clock() < until)

    @needs("dynamodb:GetItem", on="ledger")
    def spent(self, month: str) -> float:
        """See ``drills.ports.DrillBook``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=month_key(month), ConsistentRead=True
            )
        return in_usd(answer.get("Item", {}).get("spent", {}).get("N", 0))

    @needs("dynamodb:GetItem", on="ledger")
    def was_told(self, table: TableRef, detail_type: str, month: str) -> bool:
        """See ``drills.ports.DrillBook``."""
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=_told(table, detail_type, month), ConsistentRead=True
            )
        return "Item" in answer

    @needs("dynamodb:PutItem", on="ledger")
    def note_told(self, table: TableRef, detail_type: str, now: datetime) -> None:
        """See ``drills.ports.DrillBook``."""
        with later_if_passing():
            self._client.put_item(
                TableName=self._name,
                Item=_told(table, detail_type, month_of(now))
                | item_of({"toldAt": iso(now), "expiresAt": expiry(now)}),
            )

    @needs("dynamodb:Query", on="ledger")
    def _under(self, pk: str, beginning: str) -> Iterator[Any]:
        with later_if_passing():
            pages = self._client.get_paginator("query").paginate(
                TableName=self._name,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :beginning)",
                ExpressionAttributeValues=item_of({":pk": pk, ":beginning": beginning}),
            )
            for page in pages:
                yield from page["Items"]

    @needs("dynamodb:GetItem", on="ledger")
    def _table_of(self, pk: str, sk: str, table_in: Callable[[Any], str]) -> str | None:
        with later_if_passing():
            answer = self._client.get_item(
                TableName=self._name, Key=item_of({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        order = answer.get("Item", {}).get("order", {}).get("S")
        return table_in(json.loads(order)) if order else None


def _told(table: TableRef, detail_type: str, month: str) -> dict[str, Any]:
    kind = detail_type.rpartition(" ")[2].lower()
    return item_of({"pk": "drills", "sk": f"told#{month}#{kind}#{table.arn}"})

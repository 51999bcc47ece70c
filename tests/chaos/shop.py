"""The tables with items in a run: they are stocked, grow old, and are changed by customers."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from botocore.exceptions import ClientError

from localcloud.dynamodb.journal import ItemWrite as Journalled
from tests.chaos.goods import Items, Meddle, Stock, good_items, meddlings
from tests.chaos.record import AGED, ApiCall, ItemWrite, Json
from tests.chaos.stage import Stage

KEY: Json = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_PAUSE_SECONDS = 0.1
_PATIENCE_SECONDS = 10.0


class Shop:
    """The tables of one run that have items."""

    def __init__(self, stage: Stage, prefix: str) -> None:
        self._stage, self._prefix = stage, prefix
        self._dynamodb = stage.client("dynamodb")
        self._stocked: list[str] = []
        self._remembered: dict[str, tuple[ItemWrite, ...]] = {}
        self.aged: list[ApiCall] = []

    def do(self, action: Stock | Meddle) -> None:
        table = self._prefix + action.table
        if isinstance(action, Meddle):
            self._meddle(table, action.seed, action.times)
            return
        tags = [{"Key": key, "Value": value} for key, value in action.tags]
        self._dynamodb.create_table(TableName=table, Tags=tags, **KEY)
        self._stocked.append(table)
        self.patiently(lambda: self.put(table, good_items(action.seed)))

    def put(self, table: str, items: Items) -> None:
        for name, item in items.items():
            self._dynamodb.put_item(TableName=table, Item={"id": {"S": name}, **item})

    def age(self, table: str, minutes: int) -> None:
        """Let minutes go by for a table."""
        self.patiently(lambda: self._stage.cloud.age(self._stage.arn(table), minutes=minutes))
        days = {"days": minutes / 24 / 60}
        self.aged.append(ApiCall(self._stage.cloud.clock.now(), AGED, table, "", days))

    def remember(self, table: str) -> None:
        """Note what was written to a table, which is about to be deleted."""
        if table in self._stocked:
            with suppress(LookupError):
                self._remembered[table] = self._writes_to(table)

    def writes(self) -> dict[str, tuple[ItemWrite, ...]]:
        """All writes of the items of each table."""
        for table in self._stocked:
            self.remember(table)
        return dict(self._remembered)

    def patiently(self, act: Callable[[], None]) -> None:
        """Do what only an ACTIVE table lets be done."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                act()
            except (ClientError, LookupError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_SECONDS)
            else:
                return

    def _writes_to(self, table: str) -> tuple[ItemWrite, ...]:
        return tuple(
            _written(write, self._stage.called(write.caller))
            for write in self._stage.cloud.item_writes(self._stage.arn(table))
        )

    def _meddle(self, table: str, seed: int, times: int) -> None:
        for name, how, attributes in meddlings(seed, times):
            where: Json = {"TableName": table, "Key": {"id": {"S": name}}}
            with suppress(ClientError):
                if how == "delete":
                    self._dynamodb.delete_item(**where)
                elif how == "make":
                    self.put(table, {name: attributes})
                else:
                    [(attribute, value)] = attributes.items()
                    self._dynamodb.update_item(
                        **where,
                        UpdateExpression="SET #a = :v",
                        ConditionExpression="attribute_exists(id)",
                        ExpressionAttributeNames={"#a": attribute},
                        ExpressionAttributeValues={":v": value},
                    )


def _written(write: Journalled, caller: str) -> ItemWrite:
    item = (write.before or {}) | (write.after or {})
    before, after = _without_id(write.before), _without_id(write.after)
    return ItemWrite(write.at, caller, item["id"]["S"], before, after)


def _without_id(item: Json | None) -> Json | None:
    return None if item is None else {k: v for k, v in item.items() if k != "id"}

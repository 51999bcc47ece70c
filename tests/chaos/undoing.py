"""Undos in a run: the table and its damage, requests, approvals, and what came of them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from localcloud.dynamodb.journal import ItemWrite as Journalled
from tests.chaos.evidence import Evidence
from tests.chaos.goods import (
    Approve,
    AskUndo,
    Items,
    Meddle,
    Spoil,
    Stock,
    Stop,
    UndoAction,
    bad_items,
    good_items,
    meddlings,
)
from tests.chaos.record import AGED, ApiCall, AskedUndo, ItemWrite, Json, Undo
from tests.chaos.stage import REGION, Stage

_KEY: Json = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
_PHASES = ("plan", "apply")
_PAUSE_SECONDS = 0.1
_PATIENCE_SECONDS = 10.0


class Undoing:
    """The undos of one run."""

    def __init__(self, stage: Stage, prefix: str, evidence: Evidence) -> None:
        self._stage, self._prefix, self._evidence = stage, prefix, evidence
        self._dynamodb = stage.client("dynamodb")
        self._window: Json | None = None
        self._table: str | None = None
        """The one that is spoilt."""
        self.requests: list[AskedUndo] = []
        self.approvals: list[AskedUndo] = []
        self.aged: list[ApiCall] = []

    def do(self, action: UndoAction) -> None:
        match action:
            case Stock(table, seed):
                self._stock(self._prefix + table, seed)
            case Spoil(table, seed):
                self._spoil(self._prefix + table, seed)
            case Meddle(table, seed, times):
                self._meddle(self._prefix + table, seed, times)
            case AskUndo(plan, more):
                self._ask(self._prefix + plan, dict(more))
            case Approve(plan, patience):
                self._approve(self._prefix + plan, patience)
            case Stop(plan, phase):
                self._stop(self._prefix + plan, phase)

    def approve_the_rest(self) -> None:
        """Approve what was planned, and nobody approved yet."""
        approved = {each.plan for each in self.approvals if each.content["fingerprint"] != _NONE}
        for plan in {each.plan for each in self.requests} - approved:
            if self._fingerprint(plan) is not None:
                self._approve(plan, 0)

    def running(self) -> list[str]:
        """Names of the executions of both workflows that run."""
        found = (
            self._stage.client("stepfunctions").list_executions(
                stateMachineArn=self._machine(phase), statusFilter="RUNNING"
            )["executions"]
            for phase in _PHASES
        )
        return [each["name"] for executions in found for each in executions]

    def writes(self) -> dict[str, tuple[ItemWrite, ...]]:
        """All writes of the items that undos are about, by their table."""
        if self._table is None:
            return {}
        found = self._stage.cloud.item_writes(self._stage.arn(self._table))
        return {self._table: tuple(map(_written, found))}

    def left(self) -> tuple[Undo, ...]:
        """What each undo left in the bucket."""
        return tuple(
            Undo(
                plan,
                self._table or "",
                tuple(self._lines(f"undos/{plan}/plan/items.jsonl")),
                tuple(self._lines(f"undos/{plan}/applied/")),
            )
            for plan in dict.fromkeys(each.plan for each in self.requests)
        )

    # -- the steps ----------------------------------------------------------------------------

    def _stock(self, table: str, seed: int) -> None:
        self._dynamodb.create_table(TableName=table, **_KEY)
        self._table = table
        self._patiently(lambda: self._put(table, good_items(seed)))

    def _spoil(self, table: str, seed: int) -> None:
        good, bad = good_items(seed), bad_items(seed)
        self._age(table, 30)
        for name in good.keys() - bad.keys():
            self._dynamodb.delete_item(TableName=table, Key={"id": {"S": name}})
        self._put(table, {name: each for name, each in bad.items() if each != good.get(name)})
        self._age(table, 5)
        now = datetime.now(UTC).replace(microsecond=0)
        from_, to = (now - timedelta(minutes=ago) for ago in (10, 3))
        self._window = {"table": table, "from": from_.isoformat(), "to": to.isoformat()}

    def _age(self, table: str, minutes: int) -> None:
        self._patiently(lambda: self._stage.cloud.age(self._stage.arn(table), minutes=minutes))
        days = {"days": minutes / 24 / 60}
        self.aged.append(ApiCall(self._stage.cloud.clock.now(), AGED, table, "", days))

    def _meddle(self, table: str, seed: int, times: int) -> None:
        for name, how, attributes in meddlings(seed, times):
            where: Json = {"TableName": table, "Key": {"id": {"S": name}}}
            with suppress(ClientError):
                if how == "delete":
                    self._dynamodb.delete_item(**where)
                elif how == "make":
                    self._put(table, {name: attributes})
                else:
                    [(attribute, value)] = attributes.items()
                    self._dynamodb.update_item(
                        **where,
                        UpdateExpression="SET #a = :v",
                        ConditionExpression="attribute_exists(id)",
                        ExpressionAttributeNames={"#a": attribute},
                        ExpressionAttributeValues={":v": value},
                    )

    def _put(self, table: str, items: Items) -> None:
        for name, item in items.items():
            self._dynamodb.put_item(TableName=table, Item={"id": {"S": name}, **item})

    def _ask(self, plan: str, more: Json) -> None:
        if self._window is None:
            return
        if "revert" in more:
            content = {"revert": self._prefix + more["revert"]}
        else:
            content = self._window | more
        content["requestId"] = plan
        event_id = self._stage.ask("Undo Requested", content)
        self.requests.append(AskedUndo(event_id, plan, content))

    def _approve(self, plan: str, patience: float) -> None:
        deadline = time.monotonic() + patience
        while (found := self._fingerprint(plan)) is None and time.monotonic() < deadline:
            if any(fact.kind in _NO_PLAN for fact in self._evidence.told_of(plan)):
                break
            time.sleep(_PAUSE_SECONDS)
        content = {"planId": plan, "fingerprint": found or _NONE}
        event_id = self._stage.ask("Undo Approved", content)
        self.approvals.append(AskedUndo(event_id, plan, content))

    def _stop(self, plan: str, phase: str) -> None:
        execution = f"{self._machine(phase).replace(':stateMachine:', ':execution:')}:{plan}"
        with suppress(ClientError):
            self._stage.client("stepfunctions").stop_execution(executionArn=execution)

    # -- inside -------------------------------------------------------------------------------

    def _fingerprint(self, plan: str) -> str | None:
        told = self._evidence.told_of(plan)
        planned = (fact for fact in told if fact.kind == "Undo Planned")
        return next((str(fact.detail["fingerprint"]) for fact in planned), None)

    def _machine(self, phase: str) -> str:
        place = f"{REGION}:{self._stage.cloud.account_id}"
        return f"arn:aws:states:{place}:stateMachine:{self._stage.stack.name}-undo-{phase}"

    def _lines(self, prefix: str) -> Iterable[Json]:
        s3, where = self._stage.client("s3"), {"Bucket": self._stage.output("UndoBucketName")}
        for each in s3.list_objects_v2(**where, Prefix=prefix).get("Contents", []):
            content = s3.get_object(**where, Key=each["Key"])["Body"].read()
            if each["Key"].endswith(".gz"):
                content = gzip.decompress(content)
            yield from map(json.loads, content.splitlines())

    def _patiently(self, act: Callable[[], None]) -> None:
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


_NONE = "0" * 64
_NO_PLAN = frozenset({"Undo Failed", "Undo Rejected"})


def _written(write: Journalled) -> ItemWrite:
    item = (write.before or {}) | (write.after or {})
    before, after = _without_id(write.before), _without_id(write.after)
    return ItemWrite(write.at, write.caller, item["id"]["S"], before, after)


def _without_id(item: Json | None) -> Json | None:
    return None if item is None else {k: v for k, v in item.items() if k != "id"}

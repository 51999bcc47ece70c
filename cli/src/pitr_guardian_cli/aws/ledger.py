"""The guardian's ledger, to read. docs/operations.md, "Reading the ledger", tells its records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pitr_guardian_cli.facts import Fact, Json, fact_from
from pitr_guardian_cli.times import parsed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = Mapping[str, Any]

_BATCH = 100  # what BatchGetItem takes
_BECAME = ("sentAt", "sentToChatAt", "foldedInto")


@dataclass(frozen=True)
class RestoreRecord:
    """A restore that was accepted; what hasn't happened yet is None."""

    order: Json
    called_at: datetime | None
    """When AWS was asked for it."""
    answer: Fact | None

    @property
    def request(self) -> Json:
        """The request, with its defaults."""
        request: Json = self.order.get("request", {})
        return request

    @property
    def request_id(self) -> str:
        """The request's id."""
        return str(self.request.get("requestId", ""))

    @property
    def accepted_at(self) -> datetime | None:
        """When it was accepted."""
        return parsed(self.order.get("acceptedAt"))

    def is_about(self, arn: str) -> bool:
        """Whether a table is its source or its target."""
        return arn in {self.order.get(end, {}).get("arn") for end in ("source", "target")}


@dataclass(frozen=True)
class UndoRecord:
    """An undo that was accepted; what hasn't happened yet is None."""

    order: Json
    plan: Fact | None
    """The answer to the request."""
    is_approved: bool
    outcome: Fact | None
    """The answer to the approval."""

    @property
    def request(self) -> Json:
        """The request, with its defaults."""
        request: Json = self.order.get("request", {})
        return request

    @property
    def plan_id(self) -> str:
        """The plan's id, which is the request's."""
        return str(self.request.get("requestId", ""))

    @property
    def table(self) -> Json:
        """The table: ``arn``, ``name``, ``account``, ``region``."""
        table: Json = self.order.get("table", {})
        return table

    @property
    def accepted_at(self) -> datetime | None:
        """When it was accepted."""
        return parsed(self.order.get("acceptedAt"))


@dataclass(frozen=True)
class DrillRecord:
    """A drill that was accepted; what hasn't happened yet is None."""

    order: Json
    answer: Fact | None

    @property
    def request(self) -> Json:
        """The request, with its defaults."""
        request: Json = self.order.get("request", {})
        return request

    @property
    def drill_id(self) -> str:
        """The drill's id, which is the request's."""
        return str(self.request.get("requestId", ""))

    @property
    def table(self) -> Json:
        """The table: ``arn``, ``name``, ``account``, ``region``."""
        table: Json = self.order.get("table", {})
        return table

    @property
    def accepted_at(self) -> datetime | None:
        """When it was accepted."""
        return parsed(self.order.get("acceptedAt"))

    @property
    def passed(self) -> bool:
        """Whether it is over, and proved what it was to prove."""
        return self.answer is not None and self.answer.detail_type == "Drill Passed"


class Ledger:
    """The ledger table."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self._name = name

    def record(self, pk: str, sk: str) -> Item | None:
        """One record, as it is now; None where there is none."""
        answer = self._client.get_item(
            TableName=self._name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
        )
        item = answer.get("Item")
        return _plain(item) if item else None

    def restore(self, request_id: str) -> RestoreRecord | None:
        """What is recorded of a restore; None where no such request was accepted."""
        item = self.record(f"restore#{request_id}", "restore")
        return _restore(item) if item else None

    def refusal(self, kind: str, event_id: str) -> Fact | None:
        """How an event was answered that nothing came of: refused, or planned only.

        Args:
            kind: ``restore``, ``undo`` or ``drill``.
            event_id: EventBridge's id of the event.
        """
        item = self.record(f"{kind}#event#{event_id}", "answer")
        if item is None or "detail" not in item:
            return None  # one without a detail says that the event was taken up
        # Of undos and drills nothing but refusals is recorded so.
        refused = f"{kind.capitalize()} Rejected"
        return fact_from(str(item.get("detailType", refused)), str(item["detail"]))

    def undo(self, plan_id: str) -> UndoRecord | None:
        """What is recorded of an undo; None where no such request was accepted."""
        item = self.record(f"undo#{plan_id}", "undo")
        return _undo(item) if item else None

    def undos(self, plan_ids: Sequence[str]) -> list[UndoRecord]:
        """What is recorded of undos, in their order; those without a record are left out."""
        return [_undo(item) for item in self._items("undo", plan_ids)]

    def drill(self, drill_id: str) -> DrillRecord | None:
        """What is recorded of a drill; None where no such request was accepted."""
        item = self.record(f"drill#{drill_id}", "drill")
        return _drill(item) if item else None

    def drills(self, drill_ids: Sequence[str]) -> list[DrillRecord]:
        """What is recorded of drills, in their order; those without a record are left out."""
        return [_drill(item) for item in self._items("drill", drill_ids)]

    def restores(self, request_ids: Sequence[str]) -> list[RestoreRecord]:
        """What is recorded of restores, in their order; those without a record are left out."""
        return [_restore(item) for item in self._items("restore", request_ids)]

    def _items(self, kind: str, ids: Sequence[str]) -> list[Item]:
        found: dict[str, Item] = {}
        for start in range(0, len(ids), _BATCH):
            keys = [
                {"pk": {"S": f"{kind}#{each}"}, "sk": {"S": kind}}
                for each in ids[start : start + _BATCH]
            ]
            wanted: Any = {self._name: {"Keys": keys}}
            while wanted:
                answer = self._client.batch_get_item(RequestItems=wanted)
                for item in map(_plain, answer["Responses"].get(self._name, [])):
                    found[str(item["pk"]).removeprefix(f"{kind}#")] = item
                wanted = answer.get("UnprocessedKeys")
        return [found[each] for each in ids if each in found]

    def alerts(self, fact_ids: Sequence[str]) -> dict[str, Json]:
        """What became of facts' alerts, by the facts' ids; those nobody was told of are left out.

        ``sentAt`` and ``sentToChatAt`` say when SNS took one, ``foldedInto`` which digest has it.
        """
        ids = list(dict.fromkeys(fact_ids))
        return {
            str(item["pk"]).removeprefix("alert#"): {
                name: item[name] for name in _BECAME if name in item
            }
            for item in self._items("alert", ids)
        }

    def open_restores(self) -> list[str]:
        """The ids of the requests that wait for their answer."""
        items = self._query("pk = :pk AND begins_with(sk, :sk)", ":pk", "restores", "open#")
        return [str(item["sk"]).removeprefix("open#") for item in items]

    def all_of(self, pk: str) -> list[Item]:
        """All records of one partition."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        return [_plain(item) for page in pages for item in page["Items"]]

    def incidents_of(self, arn: str, since: datetime | None = None) -> list[Fact]:
        """What was told of a table, the newest first."""
        items = self._query("pk = :pk AND begins_with(sk, :sk)", ":pk", arn, "incident#")
        return _newest_first(items, since)

    def incidents(self, since: datetime) -> list[Fact]:
        """What was told of any table, the newest first.

        This reads the whole ledger: its records are by table. 10,000 tables are some 20 MB.
        """
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._name,
            FilterExpression="begins_with(sk, :sk)",
            ExpressionAttributeValues={":sk": {"S": "incident#"}},
        )
        return _newest_first((_plain(item) for page in pages for item in page["Items"]), since)

    def _query(self, condition: str, *values: str) -> Iterator[Item]:
        _, pk, sk = values
        pages = self._client.get_paginator("query").paginate(
            TableName=self._name,
            KeyConditionExpression=condition,
            ExpressionAttributeValues={":pk": {"S": pk}, ":sk": {"S": sk}},
            ScanIndexForward=False,
        )
        for page in pages:
            for item in page["Items"]:
                yield _plain(item)


def _newest_first(items: Any, since: datetime | None) -> list[Fact]:
    facts = [
        fact_from(str(item["detailType"]), str(item["detail"]))
        for item in items
        if "detailType" in item and "detail" in item
    ]
    dated = [(fact.time, fact) for fact in facts]
    kept = [(time, fact) for time, fact in dated if time and (since is None or time >= since)]
    return [fact for _, fact in sorted(kept, key=lambda each: each[0], reverse=True)]


def _restore(item: Item) -> RestoreRecord:
    answer = None
    if "answer" in item and "outcome" in item:
        kind = "Restore Completed" if item["outcome"] == "completed" else "Restore Failed"
        answer = fact_from(kind, str(item["answer"]))
    return RestoreRecord(
        order=json.loads(str(item["order"])),
        called_at=parsed(item.get("calledAt")),
        answer=answer,
    )


def _undo(item: Item) -> UndoRecord:
    return UndoRecord(
        order=json.loads(str(item["order"])),
        plan=_told(item.get("plan")),
        is_approved="approval" in item,
        outcome=_told(item.get("outcome")),
    )


def _drill(item: Item) -> DrillRecord:
    return DrillRecord(order=json.loads(str(item["order"])), answer=_told(item.get("answer")))


def _told(text: object) -> Fact | None:
    if text is None:
        return None
    told = json.loads(str(text))
    return Fact(told["detailType"], told["detail"])


def _plain(item: Mapping[str, Any]) -> Item:
    return {name: _value(value) for name, value in item.items()}


def _value(written: Mapping[str, Any]) -> Any:
    [(kind, value)] = written.items()
    if kind == "L":
        return [_value(each) for each in value]
    return float(value) if kind == "N" else value

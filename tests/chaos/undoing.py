"""Undos in a run: the table and its damage, requests, approvals, and what came of them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from tests.chaos.evidence import Evidence
from tests.chaos.goods import Approve, AskUndo, Spoil, bad_items, good_items
from tests.chaos.post import Post
from tests.chaos.record import APPROVAL, UNDO, AskedUndo, Json, Undo
from tests.chaos.shop import Shop
from tests.chaos.stage import Stage

_PAUSE_SECONDS = 0.1


class Undoing:
    """The undos of one run."""

    def __init__(
        self, stage: Stage, prefix: str, shop: Shop, post: Post, evidence: Evidence
    ) -> None:
        self._stage, self._prefix, self._evidence = stage, prefix, evidence
        self._shop, self._post = shop, post
        self._window: Json | None = None
        self._table: str | None = None
        """The one that is spoilt."""

    @property
    def requests(self) -> tuple[AskedUndo, ...]:
        return tuple(
            AskedUndo(asked.event_id, asked.content["requestId"], asked.content)
            for asked in self._post.sent(UNDO)
        )

    @property
    def approvals(self) -> tuple[AskedUndo, ...]:
        return tuple(
            AskedUndo(asked.event_id, asked.content["planId"], asked.content)
            for asked in self._post.sent(APPROVAL)
        )

    def do(self, action: Spoil | AskUndo | Approve) -> None:
        match action:
            case Spoil(table, seed):
                self._spoil(self._prefix + table, seed)
            case AskUndo(plan, more):
                self._ask(self._prefix + plan, dict(more))
            case Approve(plan, patience):
                self._approve(self._prefix + plan, patience)

    def approve_the_rest(self) -> None:
        """Approve what was planned, and nobody approved yet."""
        approved = {each.plan for each in self.approvals if each.content["fingerprint"] != _NONE}
        for plan in {each.plan for each in self.requests} - approved:
            if self._fingerprint(plan) is not None:
                self._approve(plan, 0)

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

    def _spoil(self, table: str, seed: int) -> None:
        good, bad = good_items(seed), bad_items(seed)
        self._shop.age(table, 30)
        self._table = table
        for name in good.keys() - bad.keys():
            self._stage.client("dynamodb").delete_item(TableName=table, Key={"id": {"S": name}})
        self._shop.put(table, {name: each for name, each in bad.items() if each != good.get(name)})
        self._shop.age(table, 5)
        now = datetime.now(UTC).replace(microsecond=0)
        from_, to = (now - timedelta(minutes=ago) for ago in (10, 3))
        self._window = {"table": table, "from": from_.isoformat(), "to": to.isoformat()}

    def _ask(self, plan: str, more: Json) -> None:
        if self._window is None:
            return
        if "revert" in more:
            content = {"revert": self._prefix + more["revert"]}
        else:
            content = self._window | more
        content["requestId"] = plan
        self._post.send(UNDO, content)

    def _approve(self, plan: str, patience: float) -> None:
        deadline = time.monotonic() + patience
        while (found := self._fingerprint(plan)) is None and time.monotonic() < deadline:
            if any(fact.kind in _NO_PLAN for fact in self._evidence.told_of(plan)):
                break
            time.sleep(_PAUSE_SECONDS)
        self._post.send(APPROVAL, {"planId": plan, "fingerprint": found or _NONE})

    # -- inside -------------------------------------------------------------------------------

    def _fingerprint(self, plan: str) -> str | None:
        told = self._evidence.told_of(plan)
        planned = (fact for fact in told if fact.kind == "Undo Planned")
        return next((str(fact.detail["fingerprint"]) for fact in planned), None)

    def _lines(self, prefix: str) -> Iterable[Json]:
        s3, where = self._stage.client("s3"), {"Bucket": self._stage.output("UndoBucketName")}
        for each in s3.list_objects_v2(**where, Prefix=prefix).get("Contents", []):
            content = s3.get_object(**where, Key=each["Key"])["Body"].read()
            if each["Key"].endswith(".gz"):
                content = gzip.decompress(content)
            yield from map(json.loads, content.splitlines())


_NONE = "0" * 64
_NO_PLAN = frozenset({"Undo Failed", "Undo Rejected"})

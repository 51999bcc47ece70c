"""A table, its history, and everything that undoes damage in it, end to end in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from pitr_guardian.facts.undo_facts import UndoCompleted, UndoPlanned
from pitr_guardian.tables.keys import Key
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo import places
from pitr_guardian.undo.acceptance import UndoReception
from pitr_guardian.undo.answers import Failure, Greeting, UndoLastWord
from pitr_guardian.undo.applier import Applier
from pitr_guardian.undo.approval import ApprovalReception
from pitr_guardian.undo.assembly import Assembly, Items
from pitr_guardian.undo.exporting import ExportCheck, ExportStart
from pitr_guardian.undo.finish import Finish
from pitr_guardian.undo.line import Line
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.planner import Planner
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.shape import Shape
from pitr_guardian.undo.sharding import Sharder
from pitr_guardian.undo.verifier import Verifier
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT, ORDERS
from tests.fakes.exports import FakeExports, FakeHistory
from tests.fakes.facts import FakeFacts
from tests.fakes.items import KEY, FakeItems
from tests.fakes.members import FakeMembers
from tests.fakes.objects import FakeObjects
from tests.fakes.restores import HOME, FakeAccount, FakeRestores
from tests.fakes.undo_ledger import FakeUndoLedger, FakeUndoWorkflows


def _page(
    order: UndoOrder, told: UndoPlanned | UndoCompleted, first: Items, items: Items
) -> Iterator[str]:
    """Stands for a page: how many items it has, the first ones, and all."""
    yield json.dumps({"first": [_key(line) for line, _ in first]}) + "\n"
    for line, applied in items:
        yield json.dumps([_key(line), line.planned, applied and applied.outcome]) + "\n"


def _key(line: Line) -> str:
    return json.dumps(line.key)


@dataclass
class FakeShapes:
    """``undo.ports.Shapes`` of one table."""

    shape: Shape | None
    refusal: Exception | None = None

    def shape_of(self, table: TableRef) -> Shape | None:
        if self.refusal:
            raise self.refusal
        return self.shape


@dataclass
class UndoWorld:
    """An account with one protected table, ``ORDERS``, an hour old, and all that undoes in it."""

    key: Key = KEY
    pattern: str = "*"
    clock: FakeClock = field(default_factory=FakeClock)
    facts: FakeFacts = field(default_factory=FakeFacts)
    ledger: FakeUndoLedger = field(default_factory=FakeUndoLedger)
    workflows: FakeUndoWorkflows = field(default_factory=FakeUndoWorkflows)
    objects: FakeObjects = field(default_factory=FakeObjects)
    members: FakeMembers = field(default_factory=FakeMembers)
    logged: list[tuple[str, str]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    ttl: str | None = None
    rate: float = 500
    """Write units a second."""

    def __post_init__(self) -> None:
        self.tables = FakeAccount(self.clock)
        self.tables.create(ORDERS)
        self.tables.switch_on(ORDERS, 35)
        self.items = FakeItems(key=self.key)
        self.history = FakeHistory(self.clock, self.items)
        self.exports = FakeExports(self.clock, self.tables, self.history, self.objects)
        self.shapes = FakeShapes(
            Shape(table_id=self.tables[ORDERS].id, key=self.key, ttl_attribute=self.ttl)
        )
        self.clock.advance(3600)

    def reception(self) -> UndoReception:
        return UndoReception(
            tables=self.tables,
            shapes=self.shapes,
            regions=FakeRestores(self.clock),
            workflows=self.workflows,
            ledger=self.ledger,
            facts=self.facts,
            home=HOME,
            leave=self.members.leave(HOME),
            pattern=self.pattern,
            clock=self.clock,
            log=self._log,
        )

    def approvals(self) -> ApprovalReception:
        return ApprovalReception(
            shapes=self.shapes,
            workflows=self.workflows,
            ledger=self.ledger,
            facts=self.facts,
            home=HOME,
            leave=self.members.leave(HOME),
            pattern=self.pattern,
            clock=self.clock,
            log=self._log,
        )

    def last_word(self) -> UndoLastWord:
        return UndoLastWord(self.ledger, self.workflows, self.facts, self.clock, self._log)

    def failure(self) -> Failure:
        return Failure(self.ledger, self.facts, self.clock)

    def request(self, **fields: Any) -> dict[str, Any]:
        """The detail of a request: by default for the last ten minutes; ``from_`` is ``from``."""
        ago = (self.clock.now - timedelta(minutes=10)).isoformat()
        from_ = fields.pop("from_", ago)
        return {"table": ORDERS.name, "from": from_, "requestId": "u-1", **fields}

    def ask(self, event_id: str = "event-1", account: str = ACCOUNT, **fields: Any) -> None:
        self.reception().receive(self.request(**fields), event_id, account)

    def approve(
        self, plan_id: str = "u-1", event_id: str = "event-2", account: str = ACCOUNT, **fields: Any
    ) -> None:
        detail = {"planId": plan_id, "fingerprint": self.planned(plan_id).fingerprint, **fields}
        self.approvals().receive(detail, event_id, account)

    def planned(self, plan_id: str = "u-1") -> UndoPlanned:
        plan = self.ledger.records[plan_id].plan
        assert isinstance(plan, UndoPlanned)
        return plan

    def completed(self, plan_id: str = "u-1") -> UndoCompleted:
        outcome = self.ledger.records[plan_id].outcome
        assert isinstance(outcome, UndoCompleted)
        return outcome

    def plan(self, plan_id: str = "u-1", shards: int | None = None) -> UndoPlanned:
        """Run the workflow that plans, as it would."""
        self.plan_by_steps(lambda step: step(), plan_id, shards)
        return self.planned(plan_id)

    def plan_by_steps(
        self,
        run: Callable[[Callable[[], object]], object],
        plan_id: str = "u-1",
        shards: int | None = None,
    ) -> None:
        """Run the steps of the workflow that plans; ``run`` runs each until it is done."""
        told: dict[str, Any] = {}
        start = ExportStart(self.ledger, self.exports, self.exports)
        check = ExportCheck(self.ledger, self.exports, self.objects)
        sharder = Sharder(self.ledger, self.objects)
        planner = Planner(self.ledger, self.objects, self.items)
        run(lambda: Greeting(self.ledger, self.facts).accept(plan_id))
        while not told.get("started"):
            run(lambda: told.update(start.start(plan_id)))
            self.clock.advance(0 if told["started"] else told["waitSeconds"])
        run(lambda: told.update(check.check(plan_id, told["exports"])))
        count = shards or told["shards"]
        for manifest in told["manifests"]:
            for line in self.objects.content[manifest["key"]].splitlines():
                run(partial(sharder.shard, plan_id, manifest["name"], json.loads(line), count))
        for number in range(count):
            run(partial(planner.plan, plan_id, number))
        run(lambda: self.assembly().assemble(plan_id, count, told["exportedBytes"]))

    def assembly(self) -> Assembly:
        return Assembly(
            self.ledger,
            self.objects,
            self.facts,
            _page,
            lambda key: f"s3://bucket/{key}",
            timedelta(hours=24),
            500,
            self.clock,
        )

    def applier(self) -> Applier:
        return Applier(
            self.ledger, self.objects, self.items, self.rate, self.clock, self._ticks, self._sleep
        )

    def parts(self, plan_id: str = "u-1") -> list[dict[str, Any]]:
        return [
            json.loads(line)
            for line in self.objects.content[places.parts_list(plan_id)].splitlines()
        ]

    def carry_out(
        self, plan_id: str = "u-1", seconds_left: Callable[[], float] = lambda: 900
    ) -> UndoCompleted:
        """Run the workflow that applies, as it would."""
        self.carry_out_by_steps(lambda step: step(), plan_id, seconds_left)
        return self.completed(plan_id)

    def carry_out_by_steps(
        self,
        run: Callable[[Callable[[], object]], object],
        plan_id: str = "u-1",
        seconds_left: Callable[[], float] = lambda: 900,
    ) -> None:
        """Run the steps of the workflow that applies; ``run`` runs each until it is done."""
        parts = [part["part"] for part in self.parts(plan_id)]
        verifier = Verifier(self.ledger, self.objects, self.items)
        for part in parts:
            told: dict[str, Any] = {"next": 0}
            while told["next"] is not None:
                run(partial(self._apply, told, plan_id, part, seconds_left))
        for part in parts:
            run(partial(verifier.verify, plan_id, part))
        run(lambda: self.finish().finish(plan_id))

    def _apply(
        self, told: dict[str, Any], plan_id: str, part: str, seconds_left: Callable[[], float]
    ) -> None:
        told.update(self.applier().apply(plan_id, part, told["next"], seconds_left))

    def finish(self) -> Finish:
        return Finish(
            self.ledger,
            self.objects,
            self.facts,
            _page,
            lambda key: f"s3://bucket/{key}",
            self.clock,
        )

    def lines(self, plan_id: str = "u-1") -> list[dict[str, Any]]:
        """What programs read of a plan."""
        return [
            json.loads(line) for line in self.objects.content[places.items(plan_id)].splitlines()
        ]

    def fail(self, phase: Phase = Phase.PLAN, error: str = "Broken", cause: str = "so") -> None:
        self.failure().fail("u-1", phase, error, cause)

    def _ticks(self) -> float:
        return self.clock.now.timestamp()

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)

    def _log(self, plan_id: str, what: str) -> None:
        self.logged.append((plan_id, what))

"""A table with a history, a copy of it, and a drill's proof, end to end in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.proof.comparing import Comparison
from pitr_guardian.drills.proof.exporting import RoundCheck, RoundStart
from pitr_guardian.drills.proof.ports import Page
from pitr_guardian.drills.proof.sampler import PartReader, Sampler
from pitr_guardian.drills.proof.searching import Search
from pitr_guardian.drills.proof.settling import Proof, Settling, proof_of
from pitr_guardian.drills.record import DrillRecord, Milestone
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.structure import Structure
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.copies import copy_name
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key
from pitr_guardian.tables.reference import TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT, ORDERS
from tests.fakes.exports import FakeExports, FakeHistory
from tests.fakes.items import KEY, FakeItems
from tests.fakes.objects import FakeObjects
from tests.fakes.tables import FakeTables

DRILL = "d-1"
COPY = replace(ORDERS, name=copy_name(DRILL))


def _nothing() -> None:
    pass


class FakeTableItems:
    """``drills.proof.ports.TableItems``, ``AnyItem`` and ``PartitionItems`` in memory."""

    def __init__(self, tables: dict[TableRef, FakeItems]) -> None:
        self.tables = tables
        self.page_size = 1000
        self.before_read: Callable[[], None] = _nothing
        """What others do just before items are read."""

    def read(self, table: TableRef, keys: Sequence[Item]) -> list[Item | None]:
        self.before_read()
        return self.tables[table].read(table, keys)

    def page(
        self, table: TableRef, segment: int, of: int, after: Item | None, most: int | None
    ) -> Page:
        names = self.tables[table].key.names
        part = [item for item in self.tables[table].all if _hash(item, names) % of == segment]
        texts = [key_text(item, names) for item in part]
        begin = 0 if after is None else texts.index(key_text(after, names)) + 1
        size = min(most or self.page_size, self.page_size)
        items = part[begin : begin + size]
        more = begin + size < len(part)
        return Page(items, {name: items[-1][name] for name in names} if more else None)

    def item_in(self, table: TableRef, segment: int, of: int) -> Item | None:
        items = self.page(table, segment, of, None, 1).items
        return items[0] if items else None

    def partition(self, table: TableRef, key: Item) -> Iterator[Item]:
        [(name, value)] = key.items()
        yield from (item for item in self.tables[table].all if item[name] == value)


def _hash(item: Item, names: Sequence[str]) -> int:
    return int.from_bytes(hashlib.sha256(json.dumps(item[names[0]]).encode()).digest()[:8])


class FakeDrillRecord:
    """``drills.ports.Milestones`` and ``DrillAnswers`` of one drill."""

    def __init__(self) -> None:
        self.record: DrillRecord | None = None
        self.reached: dict[Milestone, datetime] = {}
        self.closed = False

    def record_of(self, drill_id: str) -> DrillRecord | None:
        return self.record if self.record and self.record.order.drill_id == drill_id else None

    def reach(self, drill_id: str, milestone: Milestone, at: datetime) -> datetime:
        assert self.record is not None
        at = self.reached.setdefault(milestone, at)
        fields = {"activeAt": "active_at", "verifiedAt": "verified_at", "removedAt": "removed_at"}
        changed: Any = {fields.get(milestone.value, "called_at"): at}
        self.record = replace(self.record, **changed)
        return at

    def conclude(self, drill_id: str, answer: DrillPassed | DrillFailed) -> DrillRecord:
        assert self.record is not None
        if self.record.answer is None:
            kept = type(answer).model_validate(answer.detail())
            self.record = replace(self.record, answer=kept)
        return self.record

    def close(self, drill_id: str) -> None:
        self.closed = True


@dataclass
class ProofWorld:
    """One protected table, ``ORDERS``, and all that proves a copy of it."""

    key: Key = KEY
    clock: FakeClock = field(default_factory=FakeClock)
    objects: FakeObjects = field(default_factory=FakeObjects)
    ledger: FakeDrillRecord = field(default_factory=FakeDrillRecord)

    def __post_init__(self) -> None:
        self.account = FakeTables(self.clock)
        self.account.create(ORDERS)
        self.account.switch_on(ORDERS, 35)
        self.live = FakeItems(key=self.key)
        self.history = FakeHistory(self.clock, self.live)
        self.exports = FakeExports(self.clock, self.account, self.history, self.objects)
        self.copy = FakeItems(key=self.key)
        self.items = FakeTableItems({ORDERS: self.live, COPY: self.copy})

    def order(
        self,
        at: datetime,
        sample: int | Literal["all"] = 1000,
        *,
        items: int = 0,
        kind: Kind = Kind.FULL,
        size: int = 0,
    ) -> DrillOrder:
        """Accept a drill, now; its copy is right."""
        for item in self.history.items_at(at) if kind is Kind.FULL else ():
            self.copy.put(item)
        order = DrillOrder(
            request=DrillRequest(table="orders", sample=sample, request_id=DRILL),
            occasion=Occasion.EVENT,
            kind=kind,
            table=TableId.of(ORDERS),
            source=Structure(
                table_id="t-1",
                key=self.key,
                definition=Definition(size_in_bytes=size),
                items=items,
            ),
            at=at.replace(microsecond=0),
            latest=self.clock.now,
            copy_table=TableId.of(COPY) if kind is Kind.FULL else None,
            account=ACCOUNT,
            accepted_at=self.clock.now,
        )
        self.ledger.record = DrillRecord(order)
        return order

    def export(self, number: int) -> list[dict[str, str]]:
        """Export a round, as the workflow does."""
        start = RoundStart(self.ledger, self.exports, self.exports, self.objects, self.items)
        check = RoundCheck(self.ledger, self.exports, self.objects)
        while not (begun := start.start(DRILL, number))["started"]:
            self.clock.advance(begun["waitSeconds"])
        looked = check.check(DRILL, number, begun["exports"])
        self.clock.advance(600)
        manifests: list[dict[str, str]] = looked["manifests"]
        return manifests

    def search(self, number: int, manifests: list[dict[str, str]], shards: int) -> None:
        """Search the files of a round."""
        search = Search(self.ledger, self.objects)
        for manifest in manifests:
            for line in self.objects.content[manifest["key"]].splitlines():
                search.search(DRILL, number, manifest["name"], json.loads(line), shards)

    def sampler(self) -> Sampler:
        return Sampler(self.ledger, self.objects, self.items, self.items, self.clock)

    def sample(self, manifests: list[dict[str, str]]) -> dict[str, Any]:
        """Draw a sample, or read both tables."""
        dealt = self.sampler().sample(DRILL, manifests)
        for segment in dealt["segments"]:
            reader = PartReader(self.ledger, self.objects, self.items, self.clock)
            reader.read(DRILL, segment, dealt["shards"])
        return dealt

    def prove(self) -> Proof:
        """Go through all rounds, as the workflow does."""
        manifests = self.export(0)
        dealt = self.sample(manifests)
        shards, numbers = dealt["shards"], dealt["shardNumbers"]
        for number in range(4):
            if number:
                manifests = self.export(number)
            self.search(number, manifests, shards)
            for shard in numbers:
                Comparison(self.ledger, self.objects, self.clock).compare(DRILL, number, shard)
            settling = Settling(self.ledger, self.objects, self.items, self.clock)
            settled = settling.settle(DRILL, number, shards)
            if not settled["again"]:
                break
            numbers = settled["shardNumbers"]
        proof = proof_of(self.objects, DRILL)
        assert proof is not None
        return proof

    def past(self, **ago: float) -> datetime:
        """An instant so long ago, a whole second."""
        return (self.clock.now - timedelta(**ago)).replace(microsecond=0)

"""The life of drills in memory: the ledger, the workflow, and the tables that ask for drills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drills.budget import month_of
from pitr_guardian.drills.copies import Copy
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import Busy, OverBudgetError
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.structure import Structure
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed, DrillRejected
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from tests.fakes.event_answers import FakeEventAnswers


@dataclass
class FakeDrills:
    """``drills.ports.DrillBook`` and ``UnansweredDrills`` in memory, the workflow, and tables."""

    records: dict[str, DrillRecord] = field(default_factory=dict)
    events: FakeEventAnswers[DrillRejected] = field(default_factory=FakeEventAnswers)
    told: set[tuple[str, str, str]] = field(default_factory=set)
    spent_in: dict[str, float] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    endings: dict[str, Ending] = field(default_factory=dict)
    fights: set[TableRef] = field(default_factory=set)
    others_busy: set[TableRef] = field(default_factory=set)
    tags: dict[TableRef, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    gigabytes: float = 1.0
    rates: dict[TableRef, float] = field(default_factory=dict)
    is_throttled: bool = False
    """Whether Step Functions starts no execution now."""
    stopped: dict[str, str] = field(default_factory=dict)

    def record_of(self, drill_id: str) -> DrillRecord | None:
        return self.records.get(drill_id)

    def open(
        self, order: DrillOrder, budget: float | None = None, *, event_id: str | None = None
    ) -> DrillRecord:
        if order.drill_id not in self.records:
            self.events.take(event_id)
        month = month_of(order.accepted_at)
        spent = self.spent_in.get(month, 0.0) + order.estimate_in_usd
        if order.drill_id not in self.records:
            if budget is not None and spent > budget:
                raise OverBudgetError(order.drill_id)
            self.spent_in[month] = spent
            self.records[order.drill_id] = DrillRecord(order)
        return self.records[order.drill_id]

    def answer_to(self, event_id: str) -> DrillRejected | None:
        return self.events.answers.get(event_id)

    def note_answer(
        self, event_id: str, answer: DrillRejected, now: datetime
    ) -> DrillRejected | None:
        return self.events.note(event_id, answer)

    def conclude(self, drill_id: str, answer: DrillPassed | DrillFailed) -> DrillRecord:
        record = self.records[drill_id]
        if record.answer is None:
            self.records[drill_id] = replace(record, answer=answer)
        return self.records[drill_id]

    def close(self, drill_id: str) -> None:
        self.closed.add(drill_id)

    def unanswered(self, before: datetime) -> list[str]:
        return [
            drill_id
            for drill_id, record in self.records.items()
            if drill_id not in self.closed and record.order.accepted_at < before
        ]

    def last_begun(self) -> Mapping[TableRef, datetime]:
        return {each.order.table_ref: each.order.accepted_at for each in self.records.values()}

    def busy(self) -> Busy:
        drills = [drill_id for drill_id in self.records if drill_id not in self.closed]
        tables = {self.records[drill_id].order.table_ref for drill_id in drills}
        return Busy(tuple(drills), frozenset(tables | self.others_busy))

    def in_a_fight(self, table: TableRef) -> bool:
        return table in self.fights

    def spent(self, month: str) -> float:
        return self.spent_in.get(month, 0.0)

    def was_told(self, table: TableRef, detail_type: str, month: str) -> bool:
        return (table.arn, detail_type, month) in self.told

    def note_told(self, table: TableRef, detail_type: str, now: datetime) -> None:
        self.told.add((table.arn, detail_type, month_of(now)))

    def start(self, drill_id: str) -> None:
        if self.is_throttled:
            raise TryLaterError("throttled")
        if drill_id not in self.started:
            self.started.append(drill_id)

    def ending_of(self, drill_id: str) -> Ending | None:
        return self.endings.get(drill_id)

    def stop(self, drill_id: str, why: str) -> None:
        self.stopped[drill_id] = why

    def tagged(self, key: str) -> Mapping[TableRef, str]:
        return self.tags

    def partition_of(self, region: str) -> str | None:
        return None if "nowhere" in region else "aws"

    def copy_at(self, table: TableRef) -> Copy | None:
        return Copy("ACTIVE", "x") if table.name in self.taken else None

    def bytes_an_hour(self, table: TableRef) -> float | None:
        return self.rates.get(table)

    def structure_of(self, table: TableRef) -> Structure | None:
        return Structure(
            table_id="t-1",
            key=Key(partition=KeyAttribute(name="id", type="S")),
            definition=Definition(size_in_bytes=round(self.gigabytes * 1024**3)),
            items=1000,
        )

"""Restores in memory: what can be restored, what becomes of it, and all that can go wrong."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import iso
from pitr_guardian.facts.facts import (
    RestoreFailed,
    RestorePlanned,
    RestoreRejected,
    TableId,
)
from pitr_guardian.restore.acceptance import Reception
from pitr_guardian.restore.carrying import (
    Porter,
    Restored,
)
from pitr_guardian.restore.estimate import Measured
from pitr_guardian.restore.order import Order
from pitr_guardian.restore.plan import RestoreCall
from pitr_guardian.restore.ports import (
    AtCapacityError,
    Carrier,
    Kept,
    RequestIdTakenError,
    TargetTakenError,
)
from pitr_guardian.restore.record import RestoreRecord
from pitr_guardian.restore.request import (
    Setting,
    request_from,
)
from pitr_guardian.restore.start import (
    ProgressCheck,
    RestoreStart,
)
from pitr_guardian.restore.survey import Survey
from pitr_guardian.restore.target import (
    Backup,
    Lineage,
    Target,
)
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.kept_backup import (
    BackupType,
    KeptBackup,
    newest_first,
)
from pitr_guardian.tables.observation import Observed
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import Home, Place, TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.event_answers import FakeEventAnswers
from tests.fakes.facts import FakeFacts
from tests.fakes.ledger import FakeLedger
from tests.fakes.members import FakeMembers
from tests.fakes.tables import FakeTables

HOME = Home("aws", ACCOUNT, REGION)
COPY = TableRef("aws", ACCOUNT, REGION, "orders-copy")

Mishap = Callable[[RestoreCall], None]
"""What happens to a call that asks for a restore, instead of what should."""


def request(**fields: Any) -> dict[str, Any]:
    """The detail of a restore request."""
    return {"sourceTable": ORDERS.name, "targetTable": COPY.name, "requestId": "r-1", **fields}


def order(backup: Backup | None = None, **fields: Any) -> Order:
    """An accepted request, as it comes out of the workflow's JSON."""
    accepted = request_from(request(**fields), "event-1", HOME)
    written = Order(
        request=accepted,
        source=TableId.of(accepted.source(HOME)),
        target=TableId.of(accepted.target(HOME)),
        accepted_at=datetime.fromisoformat("2026-10-05T09:00:00Z"),
        backup_arn=backup.arn if backup else None,
        backup_created_at=backup.created_at if backup else None,
    )
    return Order.model_validate(written.model_dump(by_alias=True, mode="json"))


class FakeRestores:
    """``restore.ports.Restores`` in memory. A restore is CREATING until ``finish``."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._ids = itertools.count(1)
        self._mishaps: list[Mishap] = []
        self._vanishing: TableRef | None = None
        self.definitions: dict[TableRef, Definition] = {}
        self.backups: dict[str, tuple[TableRef, Backup]] = {}
        self.births: dict[str, datetime] = {}
        """When the tables were born that backups are of, by the backups' ARNs."""
        self.tables: dict[TableRef, Target] = {}
        self.calls: list[RestoreCall] = []
        """The calls that AWS got, answered or not."""
        self.unreachable: Exception | None = None

    def partition_of(self, region: str) -> str | None:
        if region.startswith("xx-"):
            return None
        return "aws-cn" if region.startswith("cn-") else "aws"

    def definition_of(self, source: TableRef) -> Definition | None:
        self._answer()
        return self.definitions.get(source)

    def backups_of(self, table: TableRef) -> list[KeptBackup]:
        self._answer()
        return newest_first(
            KeptBackup(backup.arn, backup.created_at, backup.type, backup.table_id)
            for of, backup in self.backups.values()
            if of == table and backup.status == "AVAILABLE"
        )

    def birth_of_table(self, table: TableRef, backup_arn: str) -> datetime | None:
        self._answer()
        return self.births.get(backup_arn)

    def backup_of(self, source: TableRef, arn: str) -> Backup | None:
        self._answer()
        return self.backups[arn][1] if arn in self.backups else None

    def target_of(self, target: TableRef) -> Target | None:
        self._answer()
        if target == self._vanishing:
            self._vanishing = None
            del self.tables[target]
        return self.tables.get(target)

    def start(self, call: RestoreCall) -> Target:
        self.calls.append(call)
        if self._mishaps:
            self._mishaps.pop(0)(call)
        target = self._target(call)
        if target in self.tables:
            raise TargetTakenError("TableInUseException: Table is being created")
        summary = Lineage(
            source_arn=call.parameters.get("SourceTableArn", ORDERS.arn),
            backup_arn=call.parameters.get("BackupArn"),
            restored_to=call.parameters.get("RestoreDateTime", self._clock.now),
        )
        return self._create(target, "CREATING", summary)

    # -- what others do, and AWS ---------------------------------------------------------------

    def next_calls_come_to(self, *mishaps: Mishap) -> None:
        """Let these happen to the next calls, one each."""
        self._mishaps += mishaps

    def carry_out(self, call: RestoreCall) -> None:
        """Do what a call asks for, without anybody hearing of it."""
        calls, mishaps = list(self.calls), self._mishaps
        self._mishaps = []
        self.start(call)
        self.calls, self._mishaps = calls, mishaps

    def finish(self, target: TableRef) -> None:
        """Let a restore end: AWS shows nothing of its lineage any more."""
        self.tables[target] = replace(self.tables[target], status="ACTIVE", lineage=None)

    def create(self, target: TableRef, status: str = "ACTIVE") -> Target:
        """Create a table by somebody else's hand."""
        return self._create(target, status, None)

    def index_statuses(self, target: TableRef, *statuses: str) -> None:
        self.tables[target] = replace(self.tables[target], index_statuses=statuses)

    def vanish_at_next_look(self, target: TableRef) -> None:
        """Have a table in the way whose deletion ends before anybody looks."""
        self.create(target, "DELETING")
        self._vanishing = target

    def _create(self, target: TableRef, status: str, lineage: Lineage | None) -> Target:
        # DynamoDB tells the birth of a table in milliseconds.
        born = datetime.fromisoformat(iso(self._clock.now))
        self.tables[target] = Target(
            status, table_id=f"id-{next(self._ids)}", created_at=born, lineage=lineage
        )
        return self.tables[target]

    def _target(self, call: RestoreCall) -> TableRef:
        return call.target

    def _answer(self) -> None:
        if self.unreachable:
            raise self.unreachable


def refused(call: RestoreCall) -> None:
    raise TryLaterError("ThrottlingException: Rate exceeded")


def refused_for_good(call: RestoreCall) -> None:
    raise RefusedError("ValidationException: no")


def at_capacity(call: RestoreCall) -> None:
    raise AtCapacityError("LimitExceededException: 50 restores")


def lost_before(call: RestoreCall) -> None:
    raise TryLaterError("InternalServerError: nobody knows", may_have_happened=True)


def lost_after(restores: FakeRestores) -> Mishap:
    """AWS carries the call out, and its answer is lost."""

    def lost(call: RestoreCall) -> None:
        restores.carry_out(call)
        raise TryLaterError("no answer from AWS", may_have_happened=True)

    return lost


class FakeKeys:
    """``restore.ports.Keys``: every key is fine but those with a problem."""

    def __init__(self) -> None:
        self.problems: dict[str, str] = {}

    def problem_with(self, key_arn: str, place: Place) -> str | None:
        return self.problems.get(key_arn)


class FakeWorkflows:
    """``restore.ports.Workflows`` in memory."""

    def __init__(self) -> None:
        self.orders: dict[str, Order] = {}
        self.shows = True
        """False: executions are started, and not seen yet."""
        self.before_start: Callable[[], None] = lambda: None

    def request_of(self, request_id: str) -> Mapping[str, Any] | None:
        found = self.orders.get(request_id) if self.shows else None
        return found.request.content() if found else None

    def start(self, order: Order) -> None:
        before, self.before_start = self.before_start, lambda: None
        before()
        if order.request.request_id in self.orders:
            raise RequestIdTakenError(order.request.request_id)
        self.orders[order.request.request_id] = order


@dataclass
class FakeCarrier:
    """``restore.ports.Carrier`` of one setting; ``kept`` is what the source has of it."""

    setting: Setting
    kept: Kept | None = None
    note: str | None = None
    unreadable: Exception | None = None
    unwritable: Exception | None = None
    put_on: list[tuple[Kept, TableRef, TableRef]] = field(default_factory=list)

    def read(self, source: TableRef) -> Kept | None:
        if self.unreadable:
            raise self.unreadable
        return self.kept

    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        if self.unwritable:
            raise self.unwritable
        self.put_on.append((kept, source, target))
        return self.note


@dataclass
class FakeOutliving:
    """``restore.ports.OutlivingReader`` of one setting."""

    kept: Kept | None = None
    unreadable: Exception | None = None
    asked_with: list[list[str]] = field(default_factory=list)

    def read_after_deletion(self, source: TableRef, indexes: Sequence[str]) -> Kept | None:
        self.asked_with.append(list(indexes))
        if self.unreadable:
            raise self.unreadable
        return self.kept


class FakeOrders:
    """What the ledger records of orders and answers, in memory."""

    def __init__(self) -> None:
        self.records: dict[str, RestoreRecord] = {}
        self.open_ids: dict[str, datetime] = {}
        self.events: FakeEventAnswers[RestoreRejected | RestorePlanned] = FakeEventAnswers()
        self.progress: list[tuple[str, str, int, int]] = []
        self.times: dict[TableRef, Measured] = {}

    def record_of(self, request_id: str) -> RestoreRecord | None:
        return self.records.get(request_id)

    def measured(self, source: TableRef) -> Measured | None:
        return self.times.get(source)

    def open(self, order: Order, *, event_id: str | None = None) -> RestoreRecord:
        request_id = order.request.request_id
        if request_id not in self.records:
            self.events.take(event_id)
        found = self.records.setdefault(request_id, RestoreRecord(order))
        if found.outcome is None:
            self.open_ids[request_id] = order.accepted_at
        return found

    def answer_to(self, event_id: str) -> RestoreRejected | RestorePlanned | None:
        return self.events.answers.get(event_id)

    def note_answer(
        self, event_id: str, answer: RestoreRejected | RestorePlanned, now: datetime
    ) -> RestoreRejected | RestorePlanned | None:
        return self.events.note(event_id, answer)

    def note_progress(self, order: Order, setting: str, done: int, total: int) -> None:
        self.progress.append((order.request.request_id, setting, done, total))

    def note_failure(self, answer: RestoreFailed, order: Order) -> bool:
        record = self.records[order.request.request_id]
        if record.outcome is not None:
            return False
        self.records[order.request.request_id] = replace(
            record, outcome="failed", answer=answer.detail()
        )
        return True

    def close(self, request_id: str) -> None:
        self.open_ids.pop(request_id, None)

    def unanswered(self, before: datetime) -> list[str]:
        return [each for each, accepted_at in self.open_ids.items() if accepted_at < before]


class FakeSurveys:
    """``restore.ports.SurveyKeeper`` and ``KeptSurveys`` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}

    def keep(self, order: Order, survey: Mapping[str, Any]) -> None:
        self.kept[order.request.request_id] = survey

    def recall(self, order: Order) -> Mapping[str, Any]:
        return self.kept[order.request.request_id]


class FakeAccount(FakeTables):
    """An account's tables, which can also fail to answer."""

    unreachable: Exception | None = None

    def observe(self, table: TableRef) -> Observed:
        if self.unreachable:
            raise self.unreachable
        return super().observe(table)


@dataclass
class RestoreWorld:
    """An account with one protected table, ``ORDERS``, and everything that restores it."""

    bounds: Bounds = field(default_factory=Bounds)
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    keys: FakeKeys = field(default_factory=FakeKeys)
    workflows: FakeWorkflows = field(default_factory=FakeWorkflows)
    facts: FakeFacts = field(default_factory=FakeFacts)
    orders: FakeOrders = field(default_factory=FakeOrders)
    surveys: FakeSurveys = field(default_factory=FakeSurveys)
    members: FakeMembers = field(default_factory=FakeMembers)
    logged: list[tuple[str, str]] = field(default_factory=list)
    _deliveries: Iterable[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.tables = FakeAccount(self.clock)
        self.restores = FakeRestores(self.clock)
        self.carriers: dict[Setting, FakeCarrier] = {
            setting: FakeCarrier(setting)
            for setting in Setting
            if setting not in (Setting.PITR, Setting.LINEAGE)
        }
        self.outliving: dict[Setting, FakeOutliving] = {
            setting: FakeOutliving()
            for setting in (Setting.STREAM, Setting.AUTOSCALING, Setting.ALARMS)
        }
        self.own(ORDERS)

    def own(self, table: TableRef, period: int = 21, definition: Definition | None = None) -> None:
        """Have a protected table, an hour old."""
        self.tables.create(table)
        self.tables.switch_on(table, period)
        self.restores.definitions[table] = definition or Definition(billing_mode="PAY_PER_REQUEST")
        self.clock.advance(3600)

    def delete(self, table: TableRef) -> Backup:
        """Delete a table; AWS keeps a backup of it, if PITR was on."""
        backup = self._backup(table, "SYSTEM")
        if not self.tables[table].is_on:
            del self.restores.backups[backup.arn]
        self.tables.delete(table)
        del self.restores.definitions[table]
        return backup

    def back_up(self, table: TableRef, type: BackupType = "USER") -> Backup:
        """Make a backup of a table that is there."""
        return self._backup(table, type)

    def _backup(self, table: TableRef, type: BackupType) -> Backup:
        backup = Backup(
            f"{table.arn}/backup/0{len(self.restores.backups)}",
            self.clock.now.replace(microsecond=0),
            type,
            self.tables[table].id,
            definition=self.restores.definitions[table],
        )
        self.restores.backups[backup.arn] = (table, backup)
        return backup

    def reception(self) -> Reception:
        return Reception(
            tables=self.tables,
            restores=self.restores,
            kept=self.restores,
            keys=self.keys,
            workflows=self.workflows,
            ledger=self.orders,
            facts=self.facts,
            home=HOME,
            leave=self.members.leave(HOME),
            bounds=self.bounds,
            clock=self.clock,
            log=lambda request_id, what: self.logged.append((request_id, what)),
        )

    def receive(self, detail: Mapping[str, Any], event_id: str = "event-1") -> None:
        self.reception().receive(detail, event_id)

    def survey(self, order: Order) -> dict[str, Any]:
        carriers: Mapping[Setting, Carrier] = self.carriers
        survey = Survey(
            self.tables,
            self.restores,
            self.ledger,
            carriers,
            self.outliving,
            Policy(),
            self.surveys,
        )
        told = survey.take(order)
        kept = dict(self.surveys.recall(order))
        assert told["settings"] == [entry["setting"] for entry in kept["settings"]]
        return kept

    def start(self, order: Order, period: int = 21) -> dict[str, Any]:
        definition = Definition(billing_mode="PAY_PER_REQUEST")
        start = RestoreStart(self.restores, self.ledger, self.clock)
        return start.start(order, definition, period)

    def check(self, order: Order, table_id: str | None) -> dict[str, Any]:
        return ProgressCheck(self.restores).check(order, table_id)

    def carry(
        self,
        order: Order,
        entry: Mapping[str, Any],
        restored: Restored,
        cursor: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        porter = Porter(self.tables, self.restores, self.carriers, self.orders)
        return porter.carry(order, entry, restored, cursor)

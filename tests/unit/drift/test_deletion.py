"""Deleted tables: told once each, with the backup that rescues them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from pitr_guardian.basics.errors import (
    RefusedError,
    TryLaterError,
)
from pitr_guardian.basics.instants import iso
from pitr_guardian.drift.memory import Memory
from pitr_guardian.facts.facts import TableDeleted
from pitr_guardian.restore.target import Backup
from pitr_guardian.tables.bounds import Bounds
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.kept_backup import BackupType
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ALICE, ORDERS, message, record
from tests.fakes.world import Call, World, unwatched

BACKUP = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/backup/01"


@pytest.fixture
def world() -> World:
    return World()


def deletion(world: World, table_id: str | None = None, born_at: datetime | None = None) -> str:
    described: dict[str, Any] = {"tableArn": ORDERS.arn}
    if table_id:
        described["tableId"] = table_id
    if born_at:
        described["creationDateTime"] = born_at.timestamp()
    answer = {"tableDescription": described}
    parameters = {"tableName": ORDERS.name}
    detail = record("DeleteTable", parameters, time=world.clock.now, responseElements=answer)
    return message(detail)


def keep_backup(
    world: World,
    name: str = "01",
    type: BackupType = "SYSTEM",
    table_id: str | None = None,
    of: TableRef = ORDERS,
) -> Backup:
    backup = Backup(
        f"{of.arn}/backup/{name}", world.clock.now, type, table_id, definition=Definition()
    )
    world.restores.backups[backup.arn] = (of, backup)
    return backup


def told(world: World) -> TableDeleted:
    (fact,) = world.facts.published
    assert isinstance(fact, TableDeleted)
    return fact


@contextmanager
def the_bus_is_away(call: Call) -> Iterator[None]:
    if call.name == "Facts.publish":
        raise ConnectionError("the bus is away")
    yield


def test_a_deletion_is_told_with_its_backup_and_the_request_that_rescues_the_table(
    world: World,
) -> None:
    backup = keep_backup(world)
    world.deliver(deletion(world))
    (fact,) = world.facts.published
    assert isinstance(fact, TableDeleted)
    assert fact.severity == "warning"
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]
    assert fact.backup_arn == BACKUP
    assert fact.rescue_before == backup.created_at + timedelta(days=35)
    assert fact.request == {
        "sourceTable": ORDERS.arn,
        "targetTable": ORDERS.name,
        "restoreTo": BACKUP,
    }


def test_a_backup_that_shows_a_little_later_is_waited_for(world: World) -> None:
    event = deletion(world)
    world.deliver(event)
    assert world.facts.published == []
    world.clock.advance(8)
    keep_backup(world)
    world.let_looks_come_back()
    (fact,) = world.facts.published
    assert isinstance(fact, TableDeleted)
    assert fact.backup_arn == BACKUP


def test_a_backup_is_waited_for_for_a_minute_and_no_longer(world: World) -> None:
    deleted_at = world.clock.now
    event = deletion(world)
    world.clock.now = deleted_at + timedelta(seconds=59)
    world.deliver(event)
    assert world.facts.published == []
    assert len(world.looks.waiting) == 1
    world.clock.now = deleted_at + timedelta(seconds=60)
    world.deliver(event)
    assert told(world).backup_arn is None


def test_a_backup_that_shows_within_the_minute_is_not_called_lost(world: World) -> None:
    event = deletion(world)
    world.clock.advance(59)
    world.deliver(event)
    keep_backup(world)
    world.let_looks_come_back()
    assert told(world).backup_arn == BACKUP


def test_a_deletion_without_backup_is_critical(world: World) -> None:
    world.deliver(deletion(world))
    world.let_looks_come_back()
    (fact,) = world.facts.published
    assert isinstance(fact, TableDeleted)
    assert fact.severity == "critical"
    assert (fact.backup_arn, fact.rescue_before, fact.request) == (None, None, None)
    assert fact.reason == (
        "The table orders was deleted; AWS kept no backup of it, as it does where PITR is on. "
        "No other backup of it is in DynamoDB. AWS Backup's vaults weren't looked into: recovery "
        "points may be left there."
    )


def test_duplicates_of_the_event_are_told_once(world: World) -> None:
    keep_backup(world)
    event = deletion(world)
    for number in range(4):
        world.deliver(event, f"copy-{number}")
    assert world.facts.kinds == ["Table Deleted"]


def test_two_deletions_of_one_name_are_two_facts(world: World) -> None:
    keep_backup(world)
    world.deliver(deletion(world), "m-1")
    world.deliver(deletion(world), "m-2")
    assert world.facts.kinds == ["Table Deleted"] * 2


def test_a_backup_that_cant_be_looked_for_now_is_looked_for_later(world: World) -> None:
    keep_backup(world)
    world.restores.unreachable = TryLaterError("ThrottlingException: slow down")
    world.deliver(deletion(world))
    assert world.facts.published == []
    world.restores.unreachable = None
    world.let_looks_come_back()
    assert world.facts.kinds == ["Table Deleted"]


def test_a_crash_before_it_was_told_is_made_up_for(world: World) -> None:
    keep_backup(world)
    event = deletion(world)
    world.watch = the_bus_is_away
    with pytest.raises(ExceptionGroup):
        world.deliver(event, "m-1")
    world.watch = unwatched
    world.deliver(event, "m-1", receives=2)
    assert world.facts.kinds == ["Table Deleted"]


# -- how long it is remembered ----------------------------------------------------------------

KEPT = timedelta(days=400)


def test_a_table_whose_deletion_was_told_is_forgotten_in_time(world: World) -> None:
    world.ledger.remember(ORDERS, Memory(table_id="id-1", period=14))
    world.deliver(deletion(world, table_id="id-1"))
    assert world.ledger.expires_at(ORDERS) is None  # its backup is waited for
    world.let_looks_come_back()
    assert world.facts.kinds == ["Table Deleted"]
    assert world.ledger.expires_at(ORDERS) == world.clock.now + KEPT


def test_a_heir_of_the_name_is_not_forgotten_with_it(world: World) -> None:
    keep_backup(world, table_id="id-1")
    world.ledger.remember(ORDERS, Memory(table_id="id-2", period=14))
    world.deliver(deletion(world, table_id="id-1"))
    assert world.facts.kinds == ["Table Deleted"]
    assert world.ledger.expires_at(ORDERS) is None


@pytest.mark.parametrize(
    "fault", [TryLaterError("the ledger is away"), ConnectionError("it fell")], ids=["away", "died"]
)
def test_a_table_is_forgotten_though_the_look_that_told_it_could_not_see_to_it(
    world: World, fault: Exception
) -> None:
    keep_backup(world, table_id="id-1")
    world.ledger.remember(ORDERS, Memory(table_id="id-1", period=14))
    event = deletion(world, table_id="id-1")

    @contextmanager
    def away(call: Call) -> Iterator[None]:
        if call.name == "Ledger.let_expire":
            raise fault
        yield

    world.watch = away
    if isinstance(fault, TryLaterError):
        world.deliver(event)
    else:
        with pytest.raises(ExceptionGroup):
            world.deliver(event)
    world.watch = unwatched
    world.let_looks_come_back()
    if not isinstance(fault, TryLaterError):
        world.deliver(event, receives=2)
    assert world.facts.kinds == ["Table Deleted"]
    assert world.ledger.expires_at(ORDERS) == world.clock.now + KEPT


def test_what_is_not_told_yet_is_not_forgotten_yet(world: World) -> None:
    keep_backup(world, table_id="id-1")
    world.ledger.remember(ORDERS, Memory(table_id="id-1", period=14))
    world.watch = the_bus_is_away
    with pytest.raises(ExceptionGroup):
        world.deliver(deletion(world, table_id="id-1"))
    assert world.ledger.expires_at(ORDERS) is None


# -- other backups ----------------------------------------------------------------------------


def test_backups_that_others_made_are_told_newest_first_and_the_newest_is_offered(
    world: World,
) -> None:
    old = keep_backup(world, "01", "USER")
    world.clock.advance(3600)
    new = keep_backup(world, "02", "AWS_BACKUP")
    world.clock.advance(3600)
    world.deliver(deletion(world))
    world.let_looks_come_back()
    fact = told(world)
    assert [(each.arn, each.type) for each in fact.other_backups] == [
        (new.arn, "AWS_BACKUP"),
        (old.arn, "USER"),
    ]
    assert fact.detail()["otherBackups"][0]["createdAt"] == iso(new.created_at)
    assert (fact.severity, fact.backup_arn, fact.rescue_before) == ("warning", None, None)
    assert fact.request == {
        "sourceTable": ORDERS.arn,
        "targetTable": "orders",
        "restoreTo": new.arn,
    }
    assert fact.reason == (
        "The table orders was deleted; AWS kept no backup of it, as it does where PITR is on. "
        "It can be brought back as it was at 2026-10-05 10:00:00 UTC, from a backup made by AWS "
        "Backup; what was written since is lost. It is the newest of 2. AWS Backup's vaults "
        "weren't looked "
        "into: recovery points may be left there."
    )


def test_aws_own_backup_comes_before_any_other(world: World) -> None:
    other = keep_backup(world, "01", "USER")
    kept = keep_backup(world, "02")
    world.deliver(deletion(world))
    fact = told(world)
    assert fact.request is not None
    assert fact.request["restoreTo"] == kept.arn == fact.backup_arn
    assert [each.arn for each in fact.other_backups] == [other.arn]
    assert "vaults" not in fact.reason


def test_backups_of_another_bearer_of_the_name_are_nothing_of_this_table(world: World) -> None:
    keep_backup(world, "01", "SYSTEM", "id-first")
    keep_backup(world, "02", "USER", "id-first")
    world.clock.advance(600)
    mine = keep_backup(world, "03", "USER", "id-second")
    world.deliver(deletion(world, table_id="id-second"))
    world.let_looks_come_back()
    fact = told(world)
    assert fact.backup_arn is None
    assert [each.arn for each in fact.other_backups] == [mine.arn]


def test_without_an_id_what_is_older_than_the_table_is_nothing_of_it(world: World) -> None:
    keep_backup(world, "01", "USER")
    keep_backup(world, "02", "SYSTEM")
    world.clock.advance(86400)
    born_at = world.clock.now
    world.clock.advance(7200)
    world.deliver(deletion(world, born_at=born_at))
    world.let_looks_come_back()
    fact = told(world)
    assert (fact.backup_arn, fact.other_backups, fact.severity) == (None, (), "critical")


def test_no_more_backups_are_told_than_a_fact_has_room_for(world: World) -> None:
    for number in range(100):
        keep_backup(world, f"{number:03}", "USER")
    world.deliver(deletion(world))
    world.let_looks_come_back()
    assert [each.arn[-3:] for each in told(world).other_backups] == [
        f"{number:03}" for number in range(99, 79, -1)
    ]


# -- the request ------------------------------------------------------------------------------


def test_the_requests_target_is_one_that_the_stack_takes() -> None:
    world = World(bounds=Bounds(target="restored-*"))
    keep_backup(world)
    world.deliver(deletion(world))
    fact = told(world)
    assert fact.request is not None
    assert fact.request["targetTable"] == "restored-orders"
    assert fact.reason.endswith(
        "The stack restores to tables named restored-* only, so the request's target is "
        "restored-orders."
    )


@pytest.mark.parametrize(
    ("bounds", "says"),
    [
        (Bounds(source="prod-*"), "RestoreSourcePattern"),
        (Bounds(target="ab"), "RestoreTargetPattern"),
    ],
)
def test_a_request_that_would_be_refused_is_not_offered(bounds: Bounds, says: str) -> None:
    world = World(bounds=bounds)
    keep_backup(world)
    world.deliver(deletion(world))
    fact = told(world)
    assert fact.request is None
    assert says in fact.reason
    assert (fact.severity, fact.backup_arn) == ("warning", BACKUP)


# -- severity ---------------------------------------------------------------------------------


def test_the_age_is_the_events_word_or_the_ledgers_or_the_backups(world: World) -> None:
    backup = keep_backup(world)
    young, old = world.clock.now - timedelta(minutes=5), world.clock.now - timedelta(days=5)

    def severity(**known: datetime) -> str:
        world.facts.published.clear()
        world.ledger.remember(ORDERS, Memory(born_at=known.get("remembered")))
        world.restores.births = {backup.arn: known["of_backup"]} if "of_backup" in known else {}
        world.deliver(deletion(world, born_at=known.get("told")))
        return told(world).severity

    assert severity(told=young, remembered=old, of_backup=old) == "info"
    assert severity(remembered=young, of_backup=old) == "info"
    assert severity(of_backup=young) == "info"
    assert severity(told=old, remembered=young, of_backup=young) == "warning"
    assert severity() == "warning"


def test_an_exempt_table_is_told_as_information(world: World) -> None:
    today = world.clock.now.date()
    world.ledger.remember(ORDERS, Memory(exempt_until=today))
    world.deliver(deletion(world))
    world.let_looks_come_back()
    assert told(world).severity == "info"
    world.facts.published.clear()
    world.ledger.remember(ORDERS, Memory(exempt_until=today - timedelta(days=1)))
    world.deliver(deletion(world))
    world.let_looks_come_back()
    assert told(world).severity == "critical"


def test_a_backup_that_may_not_be_looked_into_stops_no_telling(world: World) -> None:
    keep_backup(world)

    @contextmanager
    def denied(call: Call) -> Iterator[None]:
        if call.name == "Restores.birth_of_table":
            raise RefusedError("AccessDeniedException")
        yield

    world.watch = denied
    world.deliver(deletion(world))
    assert told(world).severity == "warning"


# -- replicas ---------------------------------------------------------------------------------

THERE = ORDERS.replica_in("us-east-1")


def removal(world: World) -> str:
    parameters = {
        "tableName": ORDERS.name,
        "replicaUpdates": [{"delete": {"regionName": THERE.region}}],
    }
    return message(record("UpdateTable", parameters, time=world.clock.now))


def test_a_removed_replica_is_told_with_the_backup_in_its_region(world: World) -> None:
    keep_backup(world, "01")  # the table's own region is another matter
    kept = keep_backup(world, "02", of=THERE)
    world.deliver(removal(world))
    fact = told(world)
    assert (fact.table.region, fact.replica_of) == (THERE.region, ORDERS.arn)
    assert fact.backup_arn == kept.arn
    assert fact.request == {
        "sourceTable": THERE.arn,
        "targetTable": THERE.name,
        "restoreTo": kept.arn,
    }
    assert fact.reason.startswith("The replica of orders in us-east-1 was removed; it can be")


def test_an_older_backup_of_the_name_is_not_the_removed_replicas(world: World) -> None:
    keep_backup(world, of=THERE)
    world.clock.advance(3600)
    world.deliver(removal(world))
    world.let_looks_come_back()
    fact = told(world)
    assert (fact.severity, fact.backup_arn) == ("critical", None)
    assert "where PITR is on" not in fact.reason  # nobody has said that AWS would keep one

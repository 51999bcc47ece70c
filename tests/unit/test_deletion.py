"""Deleted tables: told once each, with the backup that rescues them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pitr_guardian.definition import Definition
from pitr_guardian.facts import TableDeleted
from pitr_guardian.ports import TryLaterError
from pitr_guardian.restore import Backup
from tests.fakes.cloudtrail import ALICE, ORDERS, message, record
from tests.fakes.world import Call, World, unwatched

BACKUP = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/backup/01"


@pytest.fixture
def world() -> World:
    return World()


def deletion(world: World) -> str:
    return message(record("DeleteTable", {"tableName": ORDERS.name}, time=world.clock.now))


def keep_backup(world: World) -> Backup:
    backup = Backup(BACKUP, world.clock.now, Definition())
    world.restores.backups[BACKUP] = (ORDERS, backup)
    return backup


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
        "restoreTo": "deletion",
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


def test_a_deletion_without_backup_is_critical(world: World) -> None:
    world.deliver(deletion(world))
    world.let_looks_come_back()
    (fact,) = world.facts.published
    assert isinstance(fact, TableDeleted)
    assert fact.severity == "critical"
    assert (fact.backup_arn, fact.rescue_before, fact.request) == (None, None, None)


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

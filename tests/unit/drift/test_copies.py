"""The copies that drills make: neither protected nor told of. All else of such a name is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pitr_guardian.drift.decision import Action
from pitr_guardian.drift.memory import Memory
from pitr_guardian.facts.facts import TableDeleted, TableProtected
from tests.fakes.cloudtrail import ORDERS, created, message, record
from tests.fakes.world import World

COPY = replace(ORDERS, name="pitr-guardian-drill-d-1")


@pytest.fixture
def world() -> World:
    return World()


def deletion(world: World) -> str:
    answer: dict[str, Any] = {"tableDescription": {"tableArn": COPY.arn}}
    parameters = {"tableName": COPY.name}
    time = world.clock.now
    return message(record("DeleteTable", parameters, time=time, responseElements=answer))


def test_a_copy_that_is_born_is_left_alone_and_nothing_is_told(world: World) -> None:
    world.ledger.remember(COPY, Memory(copy_of="d-1"))
    world.tables.create(COPY)
    world.deliver(message(created(COPY.name, time=world.clock.now)))
    assert world.tables.enablings == []
    assert world.facts.published == []
    assert world.decisions[-1].action is Action.NOTHING
    assert "d-1" in world.decisions[-1].reason


def test_so_it_is_before_it_is_ready(world: World) -> None:
    world.ledger.remember(COPY, Memory(copy_of="d-1"))
    world.tables.create(COPY, status="CREATING")
    world.deliver(message(created(COPY.name, time=world.clock.now)))
    assert world.looks.waiting == []


def test_a_copy_that_is_deleted_is_not_told_of(world: World) -> None:
    world.ledger.remember(COPY, Memory(copy_of="d-1"))
    world.deliver(deletion(world))
    world.let_looks_come_back()
    assert world.facts.published == []


def test_a_table_of_such_a_name_that_no_drill_made_is_protected(world: World) -> None:
    world.tables.create(COPY)
    world.deliver(message(created(COPY.name, time=world.clock.now)))
    [fact] = world.facts.published
    assert isinstance(fact, TableProtected)


def test_and_its_deletion_is_told(world: World) -> None:
    world.deliver(deletion(world))
    world.clock.advance(120)
    world.let_looks_come_back()
    assert [type(fact) for fact in world.facts.published] == [TableDeleted]


def test_an_heir_of_a_copys_name_is_no_copy(world: World) -> None:
    world.ledger.remember(COPY, Memory(table_id="another", copy_of="d-1"))
    world.tables.create(COPY)
    world.deliver(message(created(COPY.name, time=world.clock.now)))
    assert [type(fact) for fact in world.facts.published] == [TableProtected]

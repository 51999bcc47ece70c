"""What a sweep found was exposed since the last sweep, which saw it in order; not for longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.facts.facts import (
    PitrReenabled,
    TableProtected,
)
from tests.fakes.cloudtrail import ORDERS, message, switched_off
from tests.fakes.sweep import utc
from tests.fakes.world import World

DAY = timedelta(days=1)


def known_for_ten_days() -> World:
    world = World()
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 35)
    world.look_at(ORDERS)
    world.clock.now += 10 * DAY
    return world


def sweep(world: World, last_on_at: datetime | None) -> None:
    look = Look(table=ORDERS.arn, since=world.clock.now, last_on_at=last_on_at)
    world.deliver(body_of(look), "sweep")
    world.let_looks_come_back()


def exposed_from(world: World) -> datetime:
    fact = world.facts.published[-1]
    assert isinstance(fact, PitrReenabled)
    return fact.exposure.from_


def test_an_exposure_that_a_sweep_found_starts_at_the_last_one() -> None:
    world = known_for_ten_days()
    last_sweep = utc(world.clock.now - timedelta(hours=1))
    world.tables.switch_off(ORDERS)
    sweep(world, last_sweep)
    assert exposed_from(world) == last_sweep


def test_without_a_last_sweep_it_starts_when_the_ledger_saw_it_on() -> None:
    world = known_for_ten_days()
    world.tables.switch_off(ORDERS)
    found_at = world.clock.now
    sweep(world, None)
    assert found_at - exposed_from(world) >= 10 * DAY


def test_a_ledger_that_knows_better_is_believed() -> None:
    world = known_for_ten_days()
    long_ago = world.clock.now - 20 * DAY
    world.tables.switch_off(ORDERS)
    sweep(world, long_ago)
    assert exposed_from(world) > long_ago


def test_an_event_that_came_before_the_sweep_says_it_exactly() -> None:
    world = known_for_ten_days()
    last_sweep = utc(world.clock.now - timedelta(hours=1))
    world.tables.switch_off(ORDERS)
    switched_off_at = world.clock.now.replace(microsecond=0)
    event = message(switched_off(ORDERS.name, time=switched_off_at))
    world.deliver(event, "event")
    sweep(world, last_sweep)
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert fact.exposure.from_ == switched_off_at


def test_a_table_that_never_was_on_was_never_exposed() -> None:
    world = World()
    world.tables.create(ORDERS)
    sweep(world, world.clock.now - timedelta(hours=1))
    assert isinstance(world.facts.published[-1], TableProtected)


def test_the_end_of_a_lost_window_is_no_earlier_than_the_last_sweep() -> None:
    world = known_for_ten_days()
    last_sweep = utc(world.clock.now - timedelta(hours=1))
    world.tables.switch_off(ORDERS)
    sweep(world, last_sweep)
    fact = world.facts.published[-1]
    assert isinstance(fact, PitrReenabled)
    assert fact.lost_window is not None
    assert fact.lost_window.latest == last_sweep

"""A table that can't be protected: told once, then daily, with how long it has been so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.failing import Failures
from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.facts.facts import (
    ProtectionFailed,
    fact_id,
)
from tests.fakes.cloudtrail import ORDERS, message, record, switched_off
from tests.fakes.world import MAX_RECEIVES, Call, Watch, World, unwatched

HOUR, DAY = 3600, 86_400


@pytest.fixture
def world() -> World:
    world = World()
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 14)
    world.look_at(ORDERS)
    world.clock.advance(DAY)
    world.tables.switch_off(ORDERS)
    return world


def denied(*calls: str) -> Watch:
    """A policy that won't change denies these calls."""

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name in calls:
            raise PermissionError("denied by policy")
        yield

    return watch


def sweep(world: World) -> int:
    """A sweep's look, delivered until it is handled or a dead letter; tells how often."""
    before = list(world.looks.waiting)
    for receives in range(1, MAX_RECEIVES + 1):
        try:
            world.look_at(ORDERS, "sweep", receives)
        except ExceptionGroup:
            continue
        return receives
    assert world.looks.waiting == before
    return MAX_RECEIVES + 1  # a dead letter


def told(world: World) -> list[str]:
    return [fact.reason for fact in world.facts.published if isinstance(fact, ProtectionFailed)]


@pytest.mark.parametrize("call", ["Tables.observe", "Tables.enable"])
def test_hourly_sweeps_of_a_week_tell_daily_and_leave_a_dead_letter_each_time(
    world: World, call: str
) -> None:
    world.watch = denied(call)
    tries = []
    for _ in range(7 * 24):
        tries.append(sweep(world))
        world.clock.advance(HOUR)
    assert len(told(world)) == 7
    assert tries.count(MAX_RECEIVES + 1) == 7
    assert tries.count(1) == 7 * 24 - 7  # what was told takes one receive, and no dead letter


def test_a_failure_is_known_by_its_table_and_by_what_made_the_guardian_look(world: World) -> None:
    event = switched_off("orders", time=world.clock.now)
    since = world.clock.now.replace(microsecond=0)
    world.watch = denied("Tables.observe")
    with pytest.raises(ExceptionGroup):
        world.deliver(message(event), receives=MAX_RECEIVES)
    world.clock.advance(DAY)
    with pytest.raises(ExceptionGroup):
        world.deliver(body_of(Look(table=ORDERS.arn, since=since)), receives=MAX_RECEIVES)
    assert world.facts.ids == [
        fact_id(ORDERS.arn, "protection-failed", event["eventID"]),
        fact_id(ORDERS.arn, "protection-failed", since.isoformat()),
    ]


def test_it_is_told_since_when(world: World) -> None:
    world.watch = denied("Tables.enable")
    for _ in range(4):
        sweep(world)
        world.clock.advance(DAY)
    first, second, _, fourth = told(world)
    words = "PermissionError: denied by policy"
    assert first == f"The guardian could not protect the table: {words}"
    since = "since 2026-10-06 09:00:00 UTC"
    assert second == f"The guardian could not protect the table for 1 day, {since}: {words}"
    assert fourth == f"The guardian could not protect the table for 3 days, {since}: {words}"


def test_a_table_that_was_protected_in_between_fails_anew(world: World) -> None:
    world.watch = denied("Tables.enable")
    sweep(world)
    world.watch = unwatched
    world.clock.advance(HOUR)
    sweep(world)
    assert world.tables[ORDERS].period == 14
    world.clock.advance(HOUR)
    world.tables.switch_off(ORDERS)
    world.watch = denied("Tables.enable")
    assert sweep(world) > MAX_RECEIVES
    assert told(world)[1] == told(world)[0]


def test_a_new_table_of_the_same_name_fails_anew(world: World) -> None:
    world.watch = denied("Tables.enable")
    sweep(world)
    world.tables.delete(ORDERS)
    world.clock.advance(HOUR)
    world.tables.create(ORDERS)
    assert sweep(world) > MAX_RECEIVES
    assert len(told(world)) == 2


def test_where_nothing_can_be_remembered_each_failure_is_told(world: World) -> None:
    world.watch = denied("Tables.enable", "Ledger.recall", "Ledger.note_failing")
    for _ in range(2):
        assert sweep(world) > MAX_RECEIVES
        world.clock.advance(HOUR)
    assert len(told(world)) == 2


def test_an_event_of_a_table_that_is_known_to_fail_is_no_dead_letter_but_its_author_is_kept(
    world: World,
) -> None:
    world.watch = denied("Tables.enable")
    event = message(switched_off("orders", time=world.clock.now))
    with pytest.raises(ExceptionGroup):
        world.deliver(event, receives=MAX_RECEIVES)
    world.deliver(event)
    world.watch = unwatched
    world.clock.advance(HOUR)
    world.look_at(ORDERS)
    fact = world.facts.published[-1]
    assert fact.detail_type == "PITR Re-enabled"
    assert fact.detail()["actor"] is not None


def test_a_deletion_that_cannot_be_told_is_always_a_dead_letter(world: World) -> None:
    world.tables.delete(ORDERS)
    event = message(record("DeleteTable", {"tableName": "orders"}, time=world.clock.now))
    world.clock.advance(120)
    world.watch = denied("Restores.backups_of")
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            world.deliver(event, receives=MAX_RECEIVES)
    world.watch = unwatched
    world.deliver(event)
    assert world.facts.kinds[-1] == "Table Deleted"


def test_an_heir_is_told_of_although_its_namesake_was() -> None:
    world = World()
    failures = Failures(world.ledger, world.facts, world.clock)
    world.tables.create(ORDERS)
    world.look_at(ORDERS)
    failures.tell(Look(table=ORDERS.arn, since=world.clock.now), "AccessDenied")
    world.clock.advance(3600)
    birth = Cause(event_id="e-9", call="CreateTable", time=world.clock.now, is_birth=True)
    heir = Look(table=ORDERS.arn, since=world.clock.now, cause=birth)
    assert failures.told_of(heir) is None
    failures.tell(heir, "AccessDenied")
    assert "since" not in world.facts.published[-1].reason
    assert failures.told_of(heir) is not None

"""Off the queue: no message is lost, and none is given up for what it isn't to blame for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.enforcement import GaveUpError
from pitr_guardian.drift.intake import (
    Message,
    leave,
)
from pitr_guardian.drift.look import (
    Look,
    body_of,
    looks_from,
)
from pitr_guardian.facts.facts import PitrReenabled
from tests.fakes.cloudtrail import ACCOUNT, ALICE, ORDERS, message, record, switched_off
from tests.fakes.world import MAX_RECEIVES, Call, Watch, World, unwatched

OUTAGES = {
    "the ledger": ("Ledger.",),
    "the bus": ("Facts.",),
    "DynamoDB": ("Ledger.", "Tables.", "Restores."),
    "all but the queue": ("Ledger.", "Tables.", "Restores.", "Facts."),
}


@pytest.fixture
def world() -> World:
    world = World()
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 14)
    world.look_at(ORDERS)
    world.clock.advance(7200)
    return world


def away(*calls: str) -> Watch:
    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name.startswith(calls):
            raise TryLaterError("InternalServerError: away")
        yield

    return watch


def read(body: str, world: World) -> Look:
    [look] = looks_from(body, world.clock.now, ACCOUNT, "aws")
    return look


def off(world: World) -> str:
    world.tables.switch_off(ORDERS)
    return message(switched_off("orders", time=world.clock.now))


def wait(world: World, hours: float) -> None:
    """Deliver what is put back, whenever it is due, for so long."""
    end = world.clock.now + timedelta(hours=hours)
    while world.looks.waiting and min(due for due, _ in world.looks.waiting) < end:
        world.clock.now = max(world.clock.now, min(due for due, _ in world.looks.waiting))
        for number, body in enumerate(world.looks.receive()):
            world.deliver(body, f"put-back-{world.clock.now}-{number}")
    world.clock.now = max(world.clock.now, end)


@pytest.mark.parametrize("outage", OUTAGES)
@pytest.mark.parametrize("hours", [0.01, 0.7, 23])
def test_an_outage_of_whatever_length_only_takes_time(
    world: World, outage: str, hours: float
) -> None:
    event = off(world)
    world.watch = away(*OUTAGES[outage])
    world.deliver(event)
    wait(world, hours)
    world.watch = unwatched
    world.let_looks_come_back()
    assert world.tables[ORDERS].period == 14
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]
    assert world.ledger.incidents(ORDERS) == [fact]


@pytest.mark.parametrize("outage", OUTAGES)
def test_the_guardian_gives_up_on_an_outage_after_a_day(world: World, outage: str) -> None:
    event = off(world)
    world.watch = away(*OUTAGES[outage])
    world.deliver(event)
    with pytest.raises(ExceptionGroup) as failed:
        wait(world, 25)
    assert isinstance(failed.value.exceptions[0], GaveUpError)
    assert "not within 24 hours: InternalServerError: away" in str(failed.value)


def test_a_deletion_is_told_after_an_outage_of_the_ledger(world: World) -> None:
    world.tables.delete(ORDERS)
    event = message(record("DeleteTable", {"tableName": "orders"}, time=world.clock.now))
    world.clock.advance(120)
    world.watch = away("Ledger.")
    world.deliver(event)
    wait(world, 0.7)
    world.watch = unwatched
    world.let_looks_come_back()
    assert world.facts.kinds == ["Table Deleted"]


def test_a_look_that_met_a_fault_after_its_claim_tells_in_the_same_name(world: World) -> None:
    event = off(world)
    world.watch = away("Facts.")  # the claim is there, and it isn't stale for two minutes
    world.deliver(event, "m-1")
    world.watch = unwatched
    world.clock.advance(1)
    [again] = world.looks.receive()
    assert read(again, world).claimant == "m-1"
    world.deliver(again, "m-2")
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_what_was_told_and_not_settled_is_told_again_under_the_same_id(world: World) -> None:
    event = off(world)
    world.watch = away("Ledger.settle")
    world.deliver(event)
    world.watch = unwatched
    world.let_looks_come_back()
    assert world.facts.kinds == ["PITR Re-enabled"] * 2
    assert len(set(world.facts.ids)) == 1
    assert len(world.ledger.incidents(ORDERS)) == 1


def test_where_the_queue_is_away_as_well_the_message_is_delivered_again(world: World) -> None:
    event = off(world)
    world.watch = away("Ledger.", "Looks.")
    with pytest.raises(ExceptionGroup):
        world.deliver(event)
    world.watch = unwatched
    world.deliver(event, receives=2)
    assert world.tables[ORDERS].period == 14


def test_that_giving_up_cannot_be_told_does_not_stop_the_other_tables(world: World) -> None:
    updates = [{"create": {"regionName": region}} for region in ("eu-west-1", "eu-west-2")]
    event = message(record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates}))
    tried: list[object] = []

    @contextmanager
    def broken(call: Call) -> Iterator[None]:
        if call.name == "Tables.observe":
            tried.append(call.args[0])
            raise PermissionError("no access")
        if call.name == "Facts.publish":
            raise PermissionError("no access to the bus")
        yield

    world.watch = broken
    with pytest.raises(ExceptionGroup, match="no access to the bus"):
        world.deliver(event, receives=MAX_RECEIVES)
    assert len(tried) == len(set(tried)) >= 2


def test_what_there_is_no_time_for_comes_back_whole_and_as_if_never_received(world: World) -> None:
    event = off(world)
    look = Look(table=ORDERS.arn, since=world.clock.now, attempt=3)
    messages = [
        Message("m-1", event, 5, ACCOUNT, "aws"),
        Message("m-2", "not JSON", 1, ACCOUNT, "aws"),
        Message("m-3", body_of(look), 2, ACCOUNT, "aws"),
    ]
    assert leave(messages, world.enforcer()) == [messages[1]]
    back = [read(body, world) for _, body in world.looks.waiting]
    assert [each.claimant for each in back] == ["m-1", "m-3"]
    assert back[0].cause == read(event, world).cause
    assert (back[1].attempt, back[1].ref) == (look.attempt, look.ref)
    world.let_looks_come_back()
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_what_cannot_be_put_back_is_not_taken_for_done(world: World) -> None:
    refusing: AbstractContextManager[object] = pytest.raises(TryLaterError)
    world.watch = away("Looks.")
    with refusing:
        leave([Message("m-1", off(world), 1, ACCOUNT, "aws")], world.enforcer())

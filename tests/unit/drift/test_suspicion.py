"""What an event alone says is noted beside the reads: confirmed by a look, or taken back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.memory import Drift
from pitr_guardian.drift.suspicion import ALIVE
from pitr_guardian.tables.policy import Mode, Policy
from tests.fakes.cloudtrail import ORDERS, message, switched_off, switched_on
from tests.fakes.world import Call, World, unwatched

OWN = 14


def known(mode: Mode = Mode.REMEDIATE) -> World:
    world = World(policy=Policy(mode=mode, default_period=OWN))
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, OWN)
    world.look_at(ORDERS)
    world.clock.advance(7200)
    return world


def calls_of(world: World, body: str) -> list[str]:
    calls: list[str] = []

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        calls.append(call.name)
        yield

    world.watch = watch
    world.deliver(body)
    world.watch = unwatched
    return calls


def off_event(world: World) -> str:
    world.tables.switch_off(ORDERS)
    event = message(switched_off("orders", time=world.clock.now))
    world.clock.advance(20)
    return event


def noted(world: World) -> Drift | None:
    return world.ledger.recall(ORDERS, world.tables[ORDERS].id).drift


def test_no_note_waits_for_the_reads_where_the_event_says_that_pitr_went_off() -> None:
    world = known()
    calls = calls_of(world, off_event(world))
    before = calls[: calls.index("Tables.enable")]
    assert before == ["Ledger.suspect", "Tables.observe"]
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_nothing_is_suspected_where_nothing_will_be_put_right() -> None:
    world = known(Mode.NOTIFY_ONLY)
    assert "Ledger.suspect" not in calls_of(world, off_event(world))


def test_no_other_call_raises_a_suspicion() -> None:
    world = known()
    world.tables.switch_on(ORDERS, 7)
    event = message(switched_on("orders", 7, time=world.clock.now))
    assert "Ledger.suspect" not in calls_of(world, event)


def test_an_event_that_was_told_already_is_noted_no_more() -> None:
    world = known()
    event = off_event(world)
    world.deliver(event)
    assert calls_of(world, event)[:3] == ["Ledger.suspect", "Tables.observe", "Ledger.recall"]
    assert noted(world) is None
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_of_a_new_table_of_the_name_nothing_was_suspected() -> None:
    world = known()
    event = off_event(world)
    world.tables.delete(ORDERS)
    world.tables.create(ORDERS)
    assert "Ledger.notice" in calls_of(world, event)
    assert world.tables[ORDERS].period == OWN
    assert world.facts.kinds == ["Table Protected"]


def test_whoever_finds_the_table_in_order_or_gone_takes_its_own_suspicion_back() -> None:
    for happens in (lambda world: world.tables.delete(ORDERS), _back_on):
        world = known()
        id_of_then = world.tables[ORDERS].id
        event = off_event(world)
        happens(world)
        assert "Ledger.take_back" in calls_of(world, event)
        assert world.ledger.recall(ORDERS, id_of_then).drift is None


def test_a_suspicion_whose_look_may_be_alive_is_left_to_it() -> None:
    world = suspected_and_died()
    world.look_at(ORDERS)
    assert noted(world) is not None
    assert world.facts.kinds == []
    assert len(world.looks.waiting) == 1


def test_a_suspicion_whose_look_is_dead_is_judged_by_the_window() -> None:
    world = suspected_and_died()
    world.clock.advance(ALIVE.total_seconds() + 1)
    world.look_at(ORDERS)
    assert noted(world) is None
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost"]


def suspected_and_died() -> World:
    """A look has suspected what the owner had put right, and seen nothing."""
    world = known()
    event = off_event(world)
    _back_on(world)
    world.clock.advance(20)

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Tables.observe":
            raise TryLaterError("AWS is busy")
        yield

    world.watch = watch
    world.deliver(event)
    world.watch = unwatched
    world.looks.waiting.clear()
    assert noted(world) is not None
    return world


def _back_on(world: World) -> None:
    world.tables.switch_on(ORDERS, OWN)

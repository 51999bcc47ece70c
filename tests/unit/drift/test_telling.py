"""Who did it is worth a short wait: for the telling, never for the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pitr_guardian.drift.look import HEARING
from pitr_guardian.facts.facts import PitrReenabled
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from tests.fakes.cloudtrail import ORDERS, message, switched_off, switched_on
from tests.fakes.world import VISIBILITY_TIMEOUT, Call, Watch, World, unwatched


def protected(policy: Policy | None = None) -> World:
    """A table that the guardian has known for two hours, with PITR on."""
    world = World(policy=policy or Policy())
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 14)
    world.look_at(ORDERS)
    world.clock.advance(7200)
    return world


def switched_off_and_swept(policy: Policy | None = None) -> tuple[World, str]:
    """A table whose PITR somebody switched off, found by a sweep, and the event of that call."""
    world = protected(policy)
    event = switch_off(world)
    world.look_at(ORDERS)
    return world, event


def refusing(name: str) -> Watch:
    """Refuse every call of that name."""

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == name:
            raise PermissionError(name)
        yield

    return watch


def switch_off(world: World) -> str:
    world.tables.switch_off(ORDERS)
    event = message(switched_off("orders", time=world.clock.now))
    world.clock.advance(1)
    return event


def test_the_table_does_not_wait() -> None:
    world, _ = switched_off_and_swept()
    assert world.tables[ORDERS].period == 14
    assert world.facts.published == []


def test_an_event_that_comes_in_time_names_who_did_it() -> None:
    world, event = switched_off_and_swept()
    world.clock.advance(5)
    world.deliver(event)
    [fact] = world.facts.published
    assert fact.detail()["actor"] is not None
    world.let_looks_come_back()
    assert world.facts.published == [fact]


def test_without_an_event_it_is_told_all_the_same() -> None:
    world, _ = switched_off_and_swept()
    mended_at = world.clock.now
    world.let_looks_come_back()
    [fact] = world.facts.published
    assert fact.detail()["actor"] is None
    assert world.clock.now - mended_at < HEARING + timedelta(seconds=1)


def test_an_event_that_comes_too_late_tells_nothing_twice() -> None:
    world, event = switched_off_and_swept()
    world.let_looks_come_back()
    world.deliver(event)
    world.let_looks_come_back()
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_the_exposure_ends_when_pitr_was_switched_on_not_when_that_is_told() -> None:
    world, event = switched_off_and_swept()
    mended_at = world.clock.now
    world.clock.advance(9)
    world.deliver(event)
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert abs(fact.exposure.to - mended_at) < timedelta(seconds=1)
    assert fact.exposure.seconds < 3


def test_two_disablings_are_two_incidents_though_the_first_is_not_told_yet() -> None:
    world, first = switched_off_and_swept()
    world.clock.advance(3)
    second = switch_off(world)
    world.deliver(second, "m-2")
    assert world.tables[ORDERS].period == 14
    world.deliver(first, "m-1")
    world.let_looks_come_back()
    assert world.facts.kinds == ["PITR Re-enabled"] * 2
    assert len(set(world.facts.ids)) == 2
    assert all(fact.detail()["actor"] for fact in world.facts.published)


def test_a_later_call_is_not_blamed_for_what_was_put_right_before_it() -> None:
    world, _ = switched_off_and_swept()
    world.clock.advance(3)
    second = switch_off(world)
    world.deliver(second, "m-2")
    world.let_looks_come_back()
    told, waited = world.facts.published
    assert told.detail()["actor"] is not None
    assert waited.detail()["actor"] is None


def test_a_shortened_period_waits_to_be_explained_too() -> None:
    world = protected()
    world.tables.switch_on(ORDERS, 7)
    event = message(switched_on("orders", 7, time=world.clock.now))
    world.clock.advance(1)
    world.look_at(ORDERS)
    assert world.tables[ORDERS].period == 14
    assert world.facts.published == []
    world.deliver(event)
    [fact] = world.facts.published
    assert fact.detail()["actor"] is not None


@pytest.mark.parametrize("event_comes", [True, False])
def test_who_only_notifies_waits_as_well(*, event_comes: bool) -> None:
    world, event = switched_off_and_swept(Policy(mode=Mode.NOTIFY_ONLY))
    assert world.facts.published == []
    if event_comes:
        world.deliver(event)
    world.let_looks_come_back()
    [fact] = world.facts.published
    assert fact.detail_type == "Drift Detected"
    assert (fact.detail()["actor"] is not None) == event_comes


def test_a_table_that_never_had_pitr_is_told_of_at_once() -> None:
    world = World()
    world.tables.create(ORDERS)
    world.look_at(ORDERS)
    assert world.facts.kinds == ["Table Protected"]


def test_any_look_tells_what_waited_long_enough() -> None:
    world, _ = switched_off_and_swept()
    world.looks.waiting.clear()  # the look that would end the waiting is among the dead letters
    world.clock.advance(HEARING.total_seconds())
    world.look_at(ORDERS)
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_what_waits_is_claimed_in_the_name_of_the_message_that_tells_it() -> None:
    world, event = switched_off_and_swept()
    world.watch = refusing("Ledger.settle_mended")
    with pytest.raises(ExceptionGroup):
        world.deliver(event, "message-1")
    world.watch = unwatched
    world.deliver(event, "message-2")  # the first may be about to settle it
    assert world.facts.kinds == ["PITR Re-enabled"]
    world.deliver(event, "message-1", receives=2)  # which nobody knows better than itself
    assert world.facts.kinds == ["PITR Re-enabled"] * 2
    assert len(set(world.facts.ids)) == 1


def test_a_table_that_is_gone_since_is_still_told_of() -> None:
    world, event = switched_off_and_swept()
    world.tables.delete(ORDERS)
    world.deliver(event)
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_after_a_crash_the_exposure_still_ends_when_pitr_was_switched_on() -> None:
    world = protected()
    event = switch_off(world)
    world.watch = refusing("Facts.publish")
    with pytest.raises(ExceptionGroup):
        world.deliver(event)
    mended_at = world.clock.now
    world.watch = unwatched
    world.clock.advance(VISIBILITY_TIMEOUT)
    world.deliver(event, receives=2)
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert abs(fact.exposure.to - mended_at) < timedelta(seconds=1)


def test_drift_of_a_table_that_is_deleted_before_it_was_told_is_told_all_the_same() -> None:
    world, event = switched_off_and_swept(Policy(mode=Mode.NOTIFY_ONLY))
    world.tables.delete(ORDERS)
    world.deliver(event)
    world.let_looks_come_back()
    [fact] = world.facts.published
    assert fact.detail_type == "Drift Detected"
    assert fact.reason == "PITR was found off; the table is gone since."
    assert fact.detail()["actor"] is not None


def test_who_only_notifies_tells_of_a_loss_though_pitr_is_on_again_too_short() -> None:
    world, _ = switched_off_and_swept(Policy(mode=Mode.NOTIFY_ONLY))
    world.tables.switch_on(ORDERS, 7)
    world.let_looks_come_back()
    lost, short = world.facts.published
    assert lost.reason == "PITR was found off; that has changed since."
    assert "7 days" in short.reason


def test_what_waits_is_told_though_the_table_cannot_be_put_right_again() -> None:
    world, _ = switched_off_and_swept()
    switch_off(world)
    world.watch = refusing("Tables.enable")
    world.clock.advance(HEARING.total_seconds())
    [look] = world.looks.receive()
    with pytest.raises(ExceptionGroup):
        world.deliver(look)
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_a_call_on_an_older_table_of_the_name_is_not_blamed() -> None:
    world = protected()
    event = switch_off(world)
    world.tables.delete(ORDERS)
    world.clock.advance(60)
    world.tables.create(ORDERS)
    world.deliver(event)
    [fact] = world.facts.published
    assert fact.detail_type == "Table Protected"
    assert fact.detail()["actor"] is None

"""Restore points that go although PITR is on, each time told: which, how, and by whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.facts.facts import (
    HistoryLost,
    PitrReenabled,
    RecoveryPeriodRestored,
)
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from tests.fakes.cloudtrail import ALICE, ORDERS, message, record, switched_off, switched_on
from tests.fakes.world import Call, Watch, World, unwatched

DAY = 86400


@pytest.fixture
def world() -> World:
    return known_for(100)


def known_for(days: int, policy: Policy | None = None) -> World:
    """A guardian that knows the table, whose PITR has been on with 35 days for so long."""
    world = World(policy=policy or Policy())
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 35)
    world.look_at(ORDERS)
    world.clock.advance(days * DAY)
    return world


def off_and_on(world: World, period: int = 35) -> str:
    """Somebody switches PITR off and on again; the event of the former."""
    world.tables.switch_off(ORDERS)
    event = message(switched_off(ORDERS.name, time=world.clock.now))
    world.clock.advance(2)
    world.tables.switch_on(ORDERS, period)
    world.clock.advance(3)
    return event


def short_and_long(world: World, days: int) -> str:
    world.tables.switch_on(ORDERS, days)
    event = message(switched_on(ORDERS.name, days, time=world.clock.now))
    world.clock.advance(2)
    world.tables.switch_on(ORDERS, 35)
    world.clock.advance(3)
    return event


def killed_before_publishing(world: World) -> Watch:
    """A guardian that dies before it can tell, at its first try."""

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Facts.publish":
            raise RuntimeError("killed")
        yield

    return watch


@contextmanager
def unsettled(call: Call) -> Iterator[None]:
    """A ledger that takes no outcome."""
    if call.name == "Ledger.settle":
        raise RuntimeError("InternalServerError")
    yield


def the_loss(world: World) -> HistoryLost:
    [fact] = world.facts.published
    assert isinstance(fact, HistoryLost)
    return fact


def about(instant: datetime) -> object:
    return pytest.approx(instant, abs=timedelta(seconds=9))


# ---- Off and on again -------------------------------------------------------------------------


def test_off_and_on_before_anybody_looked_is_told_with_all_that_went(world: World) -> None:
    before = world.clock.now
    world.deliver(off_and_on(world))
    fact = the_loss(world)
    assert (fact.severity, fact.how) == ("critical", "switched-off-and-on")
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]
    assert fact.lost_window.earliest == about(before - timedelta(days=35))
    assert fact.lost_window.latest == about(before)
    assert "on again before the guardian looked" in fact.reason
    assert fact.recovery_period_in_days == 35


def test_it_is_told_once_however_often_and_by_whomever_the_table_is_looked_at(
    world: World,
) -> None:
    event = off_and_on(world)
    for number in range(3):
        world.deliver(event, f"m-{number}")
        world.look_at(ORDERS)
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost"]


def test_without_an_event_any_look_finds_it_and_waits_for_a_name_before_it_is_told(
    world: World,
) -> None:
    event = off_and_on(world)
    world.look_at(ORDERS)
    assert world.facts.published == []
    world.deliver(event)
    assert the_loss(world).actor is not None
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost"]


def test_where_no_event_comes_it_is_told_without_a_name(world: World) -> None:
    off_and_on(world)
    world.look_at(ORDERS)
    world.let_looks_come_back()
    assert the_loss(world).actor is None


def test_a_young_window_that_went_is_told_too() -> None:
    world = known_for(0)
    world.clock.advance(60)
    began = world.tables[ORDERS].earliest
    world.deliver(off_and_on(world))
    assert the_loss(world).lost_window.earliest == about(began or world.clock.now)


def test_each_time_is_told(world: World) -> None:
    for number in range(3):
        world.deliver(off_and_on(world), f"m-{number}")
        world.clock.advance(2 * DAY)
    assert world.facts.kinds == ["History Lost"] * 3
    assert len(set(world.facts.ids)) == 3


def test_on_again_with_less_is_told_as_both(world: World) -> None:
    world.deliver(off_and_on(world, 7))
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost", "Recovery Period Restored"]
    assert world.tables[ORDERS].period == 35


def test_a_house_that_only_notifies_tells_it_as_well() -> None:
    world = known_for(100, Policy(mode=Mode.NOTIFY_ONLY))
    world.deliver(off_and_on(world))
    assert world.facts.kinds == ["History Lost"]


def test_of_an_exempt_table_it_is_not_told_nor_later(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="2027-03-31")
    world.deliver(off_and_on(world))
    world.tables.untag(ORDERS)
    world.look_at(ORDERS)
    world.let_looks_come_back()
    assert world.facts.published == []


# ---- Shortened and put back -------------------------------------------------------------------


def test_a_period_that_was_shortened_and_put_back_is_told_with_what_went(world: World) -> None:
    before = world.clock.now
    world.deliver(short_and_long(world, 1))
    fact = the_loss(world)
    assert (fact.severity, fact.how) == ("critical", "shortened-and-lengthened")
    assert fact.actor is not None
    assert fact.lost_window.earliest == about(before - timedelta(days=35))
    assert fact.lost_window.latest == about(before - timedelta(days=1))
    assert "put back" not in fact.reason


def test_without_an_event_it_is_told_as_what_it_was_all_the_same(world: World) -> None:
    short_and_long(world, 1)
    world.look_at(ORDERS)
    world.let_looks_come_back()
    assert the_loss(world).how == "shortened-and-lengthened"


def test_a_window_that_was_shorter_than_that_lost_nothing() -> None:
    world = known_for(0)
    world.clock.advance(DAY / 2)
    world.deliver(short_and_long(world, 1))
    assert world.facts.published == []


def test_a_period_that_is_put_back_by_the_guardian_tells_what_it_cost(world: World) -> None:
    at = world.clock.now
    world.tables.switch_on(ORDERS, 7)
    world.deliver(message(switched_on(ORDERS.name, 7, time=at)))
    [fact] = world.facts.published
    assert isinstance(fact, RecoveryPeriodRestored)
    assert fact.lost_window is not None
    assert fact.lost_window.earliest == about(at - timedelta(days=35))
    assert fact.lost_window.latest == about(at - timedelta(days=7))
    world.look_at(ORDERS)
    assert len(world.facts.published) == 1


# ---- By tag -----------------------------------------------------------------------------------


def shorten_by_tag(world: World, days: int) -> str:
    world.tables.set_tags(ORDERS, recovery_days=str(days))
    world.tables.switch_on(ORDERS, days)
    event = message(switched_on(ORDERS.name, days, time=world.clock.now))
    world.clock.advance(5)
    return event


def test_what_goes_by_leave_of_a_tag_is_told_as_a_warning(world: World) -> None:
    before = world.clock.now
    world.deliver(shorten_by_tag(world, 1))
    fact = the_loss(world)
    assert (fact.severity, fact.how) == ("warning", "by-tag")
    assert fact.actor is not None
    assert fact.lost_window.earliest == about(before - timedelta(days=35))
    assert fact.lost_window.latest == about(before - timedelta(days=1))
    assert world.tables[ORDERS].period == 1
    world.look_at(ORDERS)
    world.let_looks_come_back()
    assert len(world.facts.published) == 1


def test_a_tag_cannot_ask_for_less_than_the_house_grants() -> None:
    world = known_for(100, Policy(min_period=7))
    world.deliver(shorten_by_tag(world, 1))
    assert world.tables[ORDERS].period == 7
    assert world.facts.kinds == ["Recovery Period Restored"]


def test_a_longer_period_by_tag_and_a_window_that_grows_lose_nothing(world: World) -> None:
    world.deliver(shorten_by_tag(world, 7))
    world.clock.advance(30 * DAY)
    world.tables.untag(ORDERS)
    world.look_at(ORDERS)
    for _ in range(5):
        world.clock.advance(3 * DAY)
        world.look_at(ORDERS)
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost", "Recovery Period Restored"]


# ---- Nothing hides it -------------------------------------------------------------------------


def test_small_losses_do_not_fold_a_greater_one(world: World) -> None:
    for number in range(4):
        world.tables.switch_on(ORDERS, 34)
        event = message(switched_on(ORDERS.name, 34, time=world.clock.now))
        world.clock.advance(60)
        world.deliver(event, f"m-{number}")
    told = ["Recovery Period Restored"] * 3 + ["Fight Detected"]
    assert world.facts.kinds == told
    world.tables.switch_off(ORDERS)
    world.deliver(message(switched_off(ORDERS.name, time=world.clock.now)), "m-off")
    assert world.facts.kinds == [*told, "PITR Re-enabled"]


def test_a_loss_that_was_noted_and_not_told_is_told_before_the_next(world: World) -> None:
    event = off_and_on(world)
    world.watch = killed_before_publishing(world)
    with pytest.raises(ExceptionGroup):
        world.deliver(event, "m-1")
    world.watch = unwatched
    world.clock.advance(150)
    world.tables.switch_off(ORDERS)
    second = message(switched_off(ORDERS.name, time=world.clock.now))
    world.clock.advance(5)
    world.deliver(second, "m-2")
    world.deliver(event, "m-1", 2)
    world.let_looks_come_back()
    assert sorted(world.facts.kinds) == ["History Lost", "PITR Re-enabled"]


def test_a_loss_that_another_look_is_telling_of_hides_no_next_one(world: World) -> None:
    """The other look told it, and couldn't settle it; PITR goes off before it comes back."""
    event = off_and_on(world)
    world.watch = unsettled
    with pytest.raises(ExceptionGroup):
        world.deliver(event, "m-1")
    world.watch = unwatched
    world.tables.switch_off(ORDERS)
    second = message(switched_off(ORDERS.name, time=world.clock.now))
    world.clock.advance(5)
    world.deliver(second, "m-2")
    world.deliver(event, "m-1", 2)
    world.let_looks_come_back()
    assert world.facts.kinds == ["History Lost", "PITR Re-enabled"]


def test_a_sweep_that_found_it_off_does_not_prove_that_it_was_on_before(world: World) -> None:
    """Enforcing was paused for a day; the hourly sweeps went on."""
    off_at = world.clock.now.replace(microsecond=0)
    world.tables.switch_off(ORDERS)
    event = message(switched_off(ORDERS.name, time=off_at))
    world.clock.advance(DAY)
    first = Look(table=ORDERS.arn, since=off_at + timedelta(hours=1), last_on_at=off_at)
    world.deliver(body_of(first.model_copy(update={"last_on_at": None})), "sweep")
    world.deliver(event, "event")
    world.let_looks_come_back()
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert fact.actor is not None
    assert fact.exposure.seconds == pytest.approx(DAY, abs=5)


def test_an_heir_inherits_neither_period_nor_exposure() -> None:
    world = World()
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 7)
    world.look_at(ORDERS)
    world.clock.advance(DAY)
    world.tables.delete(ORDERS)
    world.tables.create(ORDERS)
    world.deliver(message(record("CreateTable", {"tableName": "orders"}, world.clock.now)))
    assert world.facts.kinds == ["Table Protected"]
    assert world.tables[ORDERS].period == 35


# ---- Tags that come late, or say nothing ------------------------------------------------------


def born(world: World) -> None:
    world.tables.create(ORDERS)
    world.deliver(message(record("CreateTable", {"tableName": "orders"}, world.clock.now)))
    world.clock.advance(300)


def tagged(world: World, **tags: str) -> str:
    world.tables.set_tags(ORDERS, **tags)
    return message(record("TagResource", {"resourceArn": ORDERS.arn}, world.clock.now))


def test_a_period_that_is_tagged_soon_after_birth_is_followed_downwards() -> None:
    world = World()
    born(world)
    world.deliver(tagged(world, recovery_days="7"), "m-tag")
    assert world.tables[ORDERS].period == 7
    assert world.facts.kinds == ["Table Protected"]
    world.clock.advance(9 * DAY)
    world.tables.switch_off(ORDERS)
    world.look_at(ORDERS)
    assert world.tables[ORDERS].period == 7


def test_a_period_that_is_tagged_later_is_not() -> None:
    world = World()
    born(world)
    world.clock.advance(3600)
    world.deliver(tagged(world, recovery_days="7"), "m-tag")
    assert world.tables[ORDERS].period == 35


def test_a_house_that_only_notifies_follows_nobody() -> None:
    world = World(policy=Policy(mode=Mode.NOTIFY_ONLY))
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 35)
    world.deliver(tagged(world, recovery_days="7"))
    assert world.tables[ORDERS].period == 35


def test_an_exemption_that_comes_soon_after_birth_is_told_once_with_what_to_do() -> None:
    world = World()
    born(world)
    for number in range(2):
        world.deliver(tagged(world, exempt="2026-10-31", exempt_owner="ada"), f"m-{number}")
    assert world.facts.kinds == ["Table Protected", "Exemption Noted"]
    detail = world.facts.published[-1].detail()
    assert (detail["exemptUntil"], detail["exemptOwner"]) == ("2026-10-31", "ada")
    assert "switch it off now" in detail["reason"]
    assert world.tables[ORDERS].period == 35


@pytest.mark.parametrize("value", ["14 days", "0", "36", "", "7.5", "\u0667"])
def test_a_period_tag_that_nobody_can_read_is_told_once_for_each_value(
    world: World, value: str
) -> None:
    for number in range(2):
        world.deliver(tagged(world, recovery_days=value), f"m-{number}")
    assert world.facts.kinds == ["Period Invalid"]
    detail = world.facts.published[0].detail()
    assert (detail["tagKey"], detail["tagValue"]) == ("pitr-guardian:recovery-days", value)
    world.deliver(tagged(world, recovery_days="a week"), "m-other")
    assert world.facts.kinds == ["Period Invalid"] * 2


def test_an_exemption_that_ends_too_far_ahead_is_none() -> None:
    world = known_for(100, Policy(max_exemption_days=90))
    world.tables.set_tags(ORDERS, exempt="9999-12-30")
    world.tables.switch_off(ORDERS)
    world.look_at(ORDERS)
    world.let_looks_come_back()
    assert world.tables[ORDERS].period == 35
    assert world.facts.kinds == ["Exemption Invalid", "PITR Re-enabled"]
    assert "90 days ahead at most" in world.facts.published[0].reason


def test_an_exemption_of_years_is_a_warning(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="9999-12-30")
    world.tables.switch_off(ORDERS)
    world.deliver(message(switched_off(ORDERS.name, time=world.clock.now)))
    [fact] = world.facts.published
    assert (fact.detail_type, fact.severity) == ("Drift Tolerated", "warning")
    assert "more than a year away" in fact.reason


# ---- Out of reach -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ARCHIVED"])
def test_a_table_that_nobody_can_restore_is_told_once(world: World, status: str) -> None:
    world.tables[ORDERS].status = status
    for _ in range(2):
        world.look_at(ORDERS)
    assert world.facts.kinds == ["Protection Failed"]
    assert status in world.facts.published[0].reason

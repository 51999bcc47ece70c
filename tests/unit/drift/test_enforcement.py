"""Enforcing, as an owner and a subscriber see it: what becomes of a table, and what is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.decision import Action
from pitr_guardian.drift.enforcement import GaveUpError
from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.facts.facts import (
    DriftTolerated,
    PitrReenabled,
    ProtectionFailed,
    RecoveryPeriodRestored,
    TableProtected,
)
from pitr_guardian.tables.policy import (
    Mode,
    Policy,
)
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import (
    ALICE,
    ORDERS,
    created,
    message,
    record,
    switched_off,
    switched_on,
)
from tests.fakes.world import MAX_RECEIVES, Call, Watch, World

DAY = 86400


@pytest.fixture
def world() -> World:
    """A guardian that knows the table: protected for ten days, with 14 of them as its period."""
    return known_to_the_guardian(World(policy=Policy(default_period=20)))


def known_to_the_guardian(world: World, period: int = 14) -> World:
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, period)
    world.clock.advance(10 * DAY)
    world.look_at(ORDERS)
    world.clock.advance(60)
    return world


def switch_off(world: World, table: TableRef = ORDERS) -> str:
    """Somebody switches PITR off; the event comes 20 seconds later."""
    world.tables.switch_off(table)
    event = message(switched_off(table.name, time=world.clock.now))
    world.clock.advance(20)
    return event


def shorten(world: World, period: int) -> str:
    world.tables.switch_on(ORDERS, period)
    event = message(switched_on(ORDERS.name, period, time=world.clock.now))
    world.clock.advance(20)
    return event


def protected_with(world: World, period: int, table: TableRef = ORDERS) -> bool:
    return world.tables[table].period == period


def no_access_to(table: TableRef) -> Watch:
    """A table that can't be looked at, for a reason that won't pass."""

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Tables.observe" and table in call.args:
            raise PermissionError(f"no access to {table.region}")
        yield

    return watch


def busy(name: str, times: int) -> Watch:
    """An AWS that is too busy for the first calls of one name."""
    refusals = iter(range(times))

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == name and next(refusals, None) is not None:
            raise TryLaterError("ThrottlingException: Rate exceeded")
        yield

    return watch


# ---- Put right, and told once -----------------------------------------------------------------


def test_pitr_switched_off_is_switched_on_again_and_told(world: World) -> None:
    off_at = world.clock.now
    world.deliver(switch_off(world))
    assert protected_with(world, 14)
    [fact] = world.facts.published
    assert isinstance(fact, PitrReenabled)
    assert fact.recovery_period_in_days == 14
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]
    assert fact.exposure.from_ == off_at.replace(microsecond=0)  # as CloudTrail tells it
    assert fact.exposure.to == fact.time
    assert fact.exposure.seconds == pytest.approx(20, abs=1)
    assert fact.lost_window is not None
    assert fact.lost_window.earliest == off_at.replace(microsecond=123000) - timedelta(
        days=10, seconds=60
    )
    assert fact.lost_window.latest == off_at.replace(microsecond=0)


def test_the_incident_is_kept_in_the_ledger(world: World) -> None:
    world.deliver(switch_off(world))
    assert world.ledger.incidents(ORDERS) == world.facts.published


def test_a_shortened_period_is_put_back_and_told(world: World) -> None:
    world.deliver(shorten(world, 7))
    assert protected_with(world, 14)
    [fact] = world.facts.published
    assert isinstance(fact, RecoveryPeriodRestored)
    assert (fact.from_, fact.to) == (7, 14)
    assert fact.actor is not None


def test_a_new_table_is_protected_with_the_default_period(world: World) -> None:
    fresh = replace(ORDERS, name="fresh")
    world.tables.create(fresh)
    world.deliver(message(created("fresh", time=world.clock.now)))
    assert protected_with(world, 20, fresh)
    [fact] = world.facts.published
    assert isinstance(fact, TableProtected)
    assert fact.created_by == "CreateTable"
    assert fact.table.name == "fresh"


def test_a_replica_is_protected_in_its_own_region(world: World) -> None:
    replica = ORDERS.replica_in("eu-west-1")
    world.tables.create(replica)
    updates = [{"create": {"regionName": "eu-west-1"}}]
    detail = record(
        "UpdateTable", {"tableName": "orders", "replicaUpdates": updates}, world.clock.now
    )
    world.deliver(message(detail))
    assert protected_with(world, 20, replica)
    assert [enabling.table for enabling in world.tables.enablings] == [replica]


def test_the_sentence_of_the_decision_is_the_sentence_of_the_fact(world: World) -> None:
    world.deliver(switch_off(world))
    assert world.facts.published[0].reason == world.decisions[-1].reason


def test_each_table_of_a_message_is_looked_at_though_one_fails() -> None:
    world = World()
    west, east = ORDERS.replica_in("eu-west-1"), ORDERS.replica_in("us-east-1")
    world.tables.create(east)
    world.watch = no_access_to(west)
    updates = [{"create": {"regionName": region}} for region in ("eu-west-1", "us-east-1")]
    detail = record(
        "UpdateTable", {"tableName": "orders", "replicaUpdates": updates}, world.clock.now
    )
    with pytest.raises(ExceptionGroup) as failed:
        world.deliver(message(detail))
    assert [str(problem) for problem in failed.value.exceptions] == ["no access to eu-west-1"]
    assert protected_with(world, 35, east)


# ---- Once, however often it is told -----------------------------------------------------------


def test_the_same_event_again_changes_and_tells_nothing(world: World) -> None:
    event = switch_off(world)
    world.deliver(event, "m-1")
    world.deliver(event, "m-1", receives=2)
    world.deliver(event, "m-2")
    assert world.facts.kinds == ["PITR Re-enabled"]
    assert len(world.tables.enablings) == 1


def test_the_guardians_own_call_coming_back_as_an_event_changes_and_tells_nothing(
    world: World,
) -> None:
    world.deliver(switch_off(world))
    own = message(switched_on(ORDERS.arn, 14, time=world.clock.now))
    world.clock.advance(20)
    world.deliver(own, "m-own")
    assert world.facts.kinds == ["PITR Re-enabled"]
    assert len(world.tables.enablings) == 1
    assert world.decisions[-1].action is Action.REMEMBER


def test_an_old_event_after_a_new_one_changes_and_tells_nothing(world: World) -> None:
    first = switch_off(world)
    world.tables.switch_on(ORDERS, 14)
    second = switch_off(world)
    world.deliver(second, "m-2")
    world.deliver(first, "m-1")
    assert world.facts.kinds == ["PITR Re-enabled"]
    assert len(world.tables.enablings) == 1


def test_an_old_event_is_not_blamed_for_what_was_done_since(world: World) -> None:
    first = switch_off(world)
    world.deliver(first, "m-1")
    world.clock.advance(60)
    switch_off(world)  # and that event is lost
    world.deliver(first, "m-2")
    assert protected_with(world, 14)
    world.let_looks_come_back()
    again = world.facts.published[1]
    assert isinstance(again, PitrReenabled)
    assert again.actor is None
    assert again.id != world.facts.published[0].id


def test_the_event_of_the_birth_is_not_blamed_for_what_was_done_since() -> None:
    world = World()
    world.tables.create(ORDERS)
    birth = message(created("orders", time=world.clock.now))
    world.deliver(birth, "m-1")
    world.clock.advance(60)
    switch_off(world)  # and that event is lost
    world.deliver(birth, "m-2")
    world.let_looks_come_back()
    first, again = world.facts.published
    assert isinstance(first, TableProtected)
    assert isinstance(again, PitrReenabled)
    assert again.actor is None
    assert again.id != first.id


def test_each_time_that_pitr_is_switched_off_is_told(world: World) -> None:
    for number in range(3):
        world.deliver(switch_off(world), f"m-{number}")
        world.clock.advance(1800)
    assert world.facts.kinds == ["PITR Re-enabled"] * 3
    assert len(set(world.facts.ids)) == 3


def test_a_lost_event_is_made_up_for_by_any_later_look(world: World) -> None:
    switch_off(world)
    world.look_at(ORDERS)
    assert protected_with(world, 14)
    world.let_looks_come_back()
    assert world.facts.kinds == ["PITR Re-enabled"]


def test_what_the_owner_put_right_before_anybody_looked_cost_its_history_and_is_told(
    world: World,
) -> None:
    event = switch_off(world)
    world.tables.switch_on(ORDERS, 14)
    world.deliver(event)
    assert world.facts.kinds == ["History Lost"]
    assert world.tables.enablings == []


# ---- Which period -----------------------------------------------------------------------------


def test_a_longer_period_is_kept_from_then_on(world: World) -> None:
    world.deliver(shorten(world, 30), "m-1")
    assert world.facts.published == []
    world.deliver(switch_off(world), "m-2")
    assert protected_with(world, 30)


def test_a_shorter_period_by_tag_is_respected_and_so_is_its_end(world: World) -> None:
    world.tables.set_tags(ORDERS, recovery_days="7")
    world.deliver(shorten(world, 7), "m-1")
    assert protected_with(world, 7)
    assert world.facts.kinds == ["History Lost"]
    world.tables.untag(ORDERS)
    world.look_at(ORDERS)
    assert protected_with(world, 14)


def test_a_repair_under_a_shorter_tag_does_not_forget_the_longer_period(world: World) -> None:
    world.tables.set_tags(ORDERS, recovery_days="7")
    world.deliver(switch_off(world))
    assert protected_with(world, 7)
    world.tables.untag(ORDERS)
    world.look_at(ORDERS)
    assert protected_with(world, 14)


def test_a_stack_that_names_its_period_right_after_the_birth_is_not_fought() -> None:
    world = World(policy=Policy(default_period=20))
    world.tables.create(ORDERS)
    world.deliver(message(created("orders", time=world.clock.now)), "m-1")
    world.deliver(shorten(world, 7), "m-2")
    assert protected_with(world, 7)
    assert world.facts.kinds == ["Table Protected"]
    world.clock.advance(DAY)
    world.deliver(switch_off(world), "m-3")
    assert protected_with(world, 7)


def test_a_new_table_of_an_old_name_starts_afresh(world: World) -> None:
    world.tables.delete(ORDERS)
    world.tables.create(ORDERS)
    world.deliver(message(created("orders", time=world.clock.now)))
    assert protected_with(world, 20)
    assert world.facts.kinds == ["Table Protected"]


def test_a_restored_table_gets_the_period_that_was_expected_of_it() -> None:
    world = World(policy=Policy(default_period=20))
    world.ledger.expect(ORDERS, 9, world.clock.now)
    world.tables.create(ORDERS)
    world.deliver(message(created("orders", time=world.clock.now)))
    assert protected_with(world, 9)


# ---- Exempt, or only notifying ----------------------------------------------------------------


def test_an_exempt_table_is_left_alone_and_told_once(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="2026-12-31", exempt_reason="load test")
    event = switch_off(world)
    world.deliver(event, "m-1")
    world.deliver(event, "m-2")
    world.look_at(ORDERS)
    assert world.tables.enablings == []
    [fact] = world.facts.published
    assert isinstance(fact, DriftTolerated)
    assert (fact.exempt_until, fact.exempt_reason) == ("2026-12-31", "load test")
    assert fact.actor is not None


def test_an_exempt_table_switched_off_anew_is_told_anew(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="2026-12-31")
    world.deliver(switch_off(world), "m-1")
    world.tables.switch_on(ORDERS, 14)
    world.look_at(ORDERS)
    world.clock.advance(60)
    world.deliver(switch_off(world), "m-2")
    assert world.facts.kinds == ["Drift Tolerated"] * 2
    assert len(set(world.facts.ids)) == 2


@pytest.mark.parametrize("end", ["removed", "expired"])
def test_when_an_exemption_ends_the_table_is_protected_and_the_first_culprit_told(
    world: World, end: str
) -> None:
    world.tables.set_tags(ORDERS, exempt="2026-10-31")
    world.deliver(switch_off(world), "m-1")
    if end == "removed":
        world.tables.untag(ORDERS)
    else:
        world.clock.advance(30 * DAY)
    world.look_at(ORDERS)
    assert protected_with(world, 14)
    reported = ["Exemption Expired"] if end == "expired" else []
    assert world.facts.kinds == ["Drift Tolerated", "PITR Re-enabled", *reported]
    assert len(set(world.facts.ids)) == len(world.facts.ids)
    fact = world.facts.published[1]
    assert isinstance(fact, PitrReenabled)
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]


def test_a_house_that_only_notifies_changes_nothing_and_tells_once() -> None:
    world = known_to_the_guardian(World(policy=Policy(mode=Mode.NOTIFY_ONLY)))
    event = switch_off(world)
    world.deliver(event, "m-1")
    world.deliver(event, "m-2")
    world.look_at(ORDERS)
    assert world.tables.enablings == []
    assert world.facts.kinds == ["Drift Detected"]


def test_a_house_that_only_notifies_tells_of_each_kind_of_drift() -> None:
    world = known_to_the_guardian(World(policy=Policy(mode=Mode.NOTIFY_ONLY)))
    world.deliver(shorten(world, 7), "m-1")
    world.deliver(switch_off(world), "m-2")
    assert world.facts.kinds == ["Drift Detected"] * 2
    assert len(set(world.facts.ids)) == 2


# ---- Not ready, and giving up -----------------------------------------------------------------


def test_a_table_that_is_being_created_is_protected_once_it_is_ready() -> None:
    world = World()
    world.tables.create(ORDERS, status="CREATING")
    world.deliver(message(created("orders", time=world.clock.now)))
    assert world.facts.published == []
    world.tables[ORDERS].status = "ACTIVE"
    world.let_looks_come_back()
    assert protected_with(world, 35)
    [fact] = world.facts.published
    assert isinstance(fact, TableProtected)
    assert fact.created_by == "CreateTable"


def test_a_table_whose_birth_is_not_visible_yet_is_protected_once_it_is() -> None:
    world = World()
    world.deliver(message(created("orders", time=world.clock.now)))
    world.tables.create(ORDERS)
    world.let_looks_come_back()
    assert protected_with(world, 35)


def test_a_table_that_never_appears_is_forgotten() -> None:
    world = World()
    world.deliver(message(created("orders", time=world.clock.now)))
    world.let_looks_come_back()
    assert world.decisions[-1].action is Action.NOTHING
    assert world.facts.published == []


@pytest.mark.parametrize("status", ["DELETING", "ARCHIVED"])
def test_a_table_on_its_way_out_is_left_alone(world: World, status: str) -> None:
    event = switch_off(world)
    world.tables[ORDERS].status = status
    world.deliver(event)
    assert world.tables.enablings == []
    assert world.looks.waiting == []


def let_the_look_come_back(world: World, waits: list[int]) -> None:
    """Deliver the look each time that it is due, and take down for how long it waited, in s."""
    while world.looks.waiting:
        [(due, _)] = world.looks.waiting
        waits.append(round((due - world.clock.now).total_seconds()))
        world.clock.now = due
        [body] = world.looks.receive()
        world.deliver(body)


def test_the_guardian_waits_longer_and_longer_for_24_hours_and_then_gives_up() -> None:
    world = World()
    world.tables.create(ORDERS, status="CREATING")
    start = world.clock.now
    world.deliver(message(created("orders", time=start)))
    waits: list[int] = []
    with pytest.raises(ExceptionGroup) as failed:
        let_the_look_come_back(world, waits)
    assert waits[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    assert set(waits[11:]) == {900}
    [problem] = failed.value.exceptions
    assert isinstance(problem, GaveUpError)
    assert str(problem) == "not within 24 hours: The table is still CREATING."
    assert timedelta(0) <= world.clock.now - start - timedelta(hours=24) < timedelta(seconds=901)
    assert world.facts.published == []  # the message isn't at its last receive yet


def test_giving_up_is_told_on_the_last_receive_only(world: World) -> None:
    look = Look(table=ORDERS.arn, since=world.clock.now - timedelta(hours=25))
    world.tables[ORDERS].status = "CREATING"
    for receives in range(1, MAX_RECEIVES + 1):
        assert world.facts.published == []
        with pytest.raises(ExceptionGroup):
            world.deliver(body_of(look), "m-1", receives)
    [fact] = world.facts.published
    assert isinstance(fact, ProtectionFailed)
    assert fact.severity == "critical"
    assert fact.table.name == "orders"
    assert "still CREATING" in fact.error
    assert fact.error in fact.reason


def test_giving_up_names_who_caused_what_could_not_be_put_right(world: World) -> None:
    event = switch_off(world)
    world.watch = no_access_to(ORDERS)
    with pytest.raises(ExceptionGroup):
        world.deliver(event, receives=MAX_RECEIVES)
    [fact] = world.facts.published
    assert isinstance(fact, ProtectionFailed)
    assert fact.error == "PermissionError: no access to eu-central-1"
    assert fact.actor is not None
    assert fact.actor.arn == ALICE["arn"]


def test_giving_up_again_on_a_message_that_was_redriven_days_later_is_the_same_happening(
    world: World,
) -> None:
    event = switch_off(world)
    world.watch = no_access_to(ORDERS)
    for _ in range(2):
        with pytest.raises(ExceptionGroup):
            world.deliver(event, receives=MAX_RECEIVES)
        world.clock.advance(3 * 86_400)
    assert len(world.facts.ids) == 2
    assert len(set(world.facts.ids)) == 1


@pytest.mark.parametrize("drift", ["off", "shortened"])
@pytest.mark.parametrize("call", ["Tables.observe", "Tables.enable"])
def test_where_aws_is_busy_the_look_is_put_back_and_tells_once(
    world: World, call: str, drift: str
) -> None:
    event = switch_off(world) if drift == "off" else shorten(world, 7)
    world.watch = busy(call, times=3)
    world.deliver(event)
    assert world.facts.published == []
    world.let_looks_come_back()
    assert protected_with(world, 14)
    assert len(world.facts.published) == 1
    fact = world.facts.published[0]
    assert isinstance(fact, PitrReenabled | RecoveryPeriodRestored)
    assert fact.actor is not None


def test_pitr_switched_off_while_a_shortening_waits_is_told_for_what_it_is(world: World) -> None:
    event = shorten(world, 7)
    world.watch = busy("Tables.enable", times=1)
    world.deliver(event, "m-1")
    world.deliver(switch_off(world), "m-2")
    assert protected_with(world, 14)
    assert world.facts.kinds == ["PITR Re-enabled"]

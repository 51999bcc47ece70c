"""Wherever the guardian dies or is refused, the next delivery ends the job, and tells it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import pytest

from pitr_guardian.basics.ahead import when_wanted
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.tables.policy import Policy
from tests.fakes.cloudtrail import ORDERS, created, message, switched_off, switched_on
from tests.fakes.world import VISIBILITY_TIMEOUT, Call, Watch, World, at_once, unwatched

OWN = 14


class Died(BaseException):  # nothing in the process can catch it: there is no process any more
    """The function was killed."""


class RefusedError(Exception):
    """AWS refused a call, for a reason nobody expected."""


# ---- What happens -----------------------------------------------------------------------------


def switched_off_table(world: World) -> str:
    _known(world)
    world.tables.switch_off(ORDERS)
    return message(switched_off("orders", time=world.clock.now))


def table_switched_off_and_on_by_its_owner(world: World) -> str:
    event = switched_off_table(world)
    world.clock.advance(5)
    world.tables.switch_on(ORDERS, OWN)
    return event


def shortened_table(world: World) -> str:
    _known(world)
    world.tables.switch_on(ORDERS, 7)
    return message(switched_on("orders", 7, time=world.clock.now))


def new_table(world: World) -> str:
    world.tables.create(ORDERS)
    return message(created("orders", time=world.clock.now))


def table_that_is_not_ready(world: World) -> str:
    world.tables.create(ORDERS, status="CREATING")
    return message(created("orders", time=world.clock.now))


def table_after_its_exemption(world: World) -> str:
    exempt = exempt_table(world)
    world.deliver(exempt, "before")
    world.tables.untag(ORDERS)
    return exempt


def new_table_of_an_old_name(world: World) -> str:
    world.deliver(switched_off_table(world), "before")
    world.tables.delete(ORDERS)
    return new_table(world)


def exempt_table(world: World) -> str:
    _known(world)
    world.tables.set_tags(ORDERS, exempt="2026-12-31")
    world.tables.switch_off(ORDERS)
    return message(switched_off("orders", time=world.clock.now))


def table_whose_exemption_expired(world: World) -> str:
    exempt = exempt_table(world)
    world.deliver(exempt, "before")
    world.clock.advance(100 * 86400)
    return exempt


def table_that_a_sweep_found(world: World) -> str:
    switched_off_table(world)  # and that event is lost
    return body_of(Look(table=ORDERS.arn, since=world.clock.now))


def shortened_table_that_a_sweep_found(world: World) -> str:
    shortened_table(world)
    return body_of(Look(table=ORDERS.arn, since=world.clock.now))


def table_that_was_put_right_and_not_told(world: World) -> str:
    world.deliver(table_that_a_sweep_found(world), "before")
    world.clock.advance(15)
    [look] = world.looks.receive()
    return look


def table_whose_late_event_comes(world: World) -> str:
    event = switched_off_table(world)
    world.clock.advance(2)
    world.look_at(ORDERS, "before")
    return event


def exempt_table_that_a_sweep_found(world: World) -> str:
    exempt_table(world)
    return body_of(Look(table=ORDERS.arn, since=world.clock.now))


def table_disabled_for_the_third_time(world: World) -> str:
    _known(world)
    for number in range(2):
        world.tables.switch_off(ORDERS)
        world.deliver(message(switched_off("orders", time=world.clock.now)), f"before-{number}")
        world.clock.advance(60)
    world.tables.switch_off(ORDERS)
    return message(switched_off("orders", time=world.clock.now))


def exempt_shortened_table(world: World) -> str:
    body = shortened_table(world)
    world.tables.set_tags(ORDERS, exempt="2026-12-31")
    return body


def _known(world: World) -> None:
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, OWN)
    world.look_at(ORDERS)
    world.clock.advance(7200)


Scenario = Callable[[World], str]
TOLERATED: dict[str, Scenario] = {
    scenario.__name__: scenario
    for scenario in (exempt_table, exempt_shortened_table, exempt_table_that_a_sweep_found)
}
SCENARIOS: dict[str, Scenario] = TOLERATED | {
    scenario.__name__: scenario
    for scenario in (
        switched_off_table,
        table_switched_off_and_on_by_its_owner,
        shortened_table,
        new_table,
        table_that_is_not_ready,
        table_after_its_exemption,
        new_table_of_an_old_name,
        table_whose_exemption_expired,
        table_disabled_for_the_third_time,
        table_that_a_sweep_found,
        shortened_table_that_a_sweep_found,
        table_that_was_put_right_and_not_told,
        table_whose_late_event_comes,
    )
}


# ---- Where it goes wrong ----------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """One call of a scenario, by number, and whether it took effect before the guardian fell."""

    scenario: str
    number: int
    call: str
    took_effect: bool
    reads_first: bool = False
    """Whether what is asked beside the reads takes effect after them."""

    def __str__(self) -> str:
        when = "after" if self.took_effect else "before"
        order = "-reads-first" if self.reads_first else ""
        return f"{self.scenario}{order}-{when}-{self.number}-{self.call}"


def prepared(scenario: str, reads_first: bool) -> tuple[World, str]:
    world = World(policy=Policy(default_period=OWN), ahead=when_wanted if reads_first else at_once)
    body = SCENARIOS[scenario](world)
    world.facts.published.clear()
    world.tables.enablings.clear()
    world.clock.advance(20)
    return world, body


@dataclass(frozen=True)
class Undisturbed:
    """What the guardian calls, in order, and tells, where nothing goes wrong."""

    calls: list[str]
    told: list[str]

    def told_again(self, fault: Fault) -> int:
        """How many facts were told already, but not settled, when the guardian fell."""
        unsettled = 0
        for call in self.calls[: fault.number + fault.took_effect]:
            unsettled += call == "Facts.publish"
            if call.startswith("Ledger.settle"):
                unsettled = 0
        return unsettled


@cache
def undisturbed(scenario: str, reads_first: bool) -> Undisturbed:
    names = []
    world, body = prepared(scenario, reads_first)

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        names.append(call.name)
        yield

    world.watch = watch
    world.deliver(body)
    world.watch = unwatched
    catch_up(world)
    return Undisturbed(names, world.facts.kinds)


def catch_up(world: World) -> None:
    if world.tables[ORDERS].status == "CREATING":
        world.tables[ORDERS].status = "ACTIVE"
    world.let_looks_come_back()


FAULTS = [
    Fault(scenario, number, call, took_effect, reads_first)
    for scenario in SCENARIOS
    for reads_first in (False, True)
    if not reads_first or "Ledger.suspect" in undisturbed(scenario, reads_first).calls
    for number, call in enumerate(undisturbed(scenario, reads_first).calls)
    for took_effect in (False, True)
]
every_fault = pytest.mark.parametrize("fault", FAULTS, ids=str)


def failing_once(fault: Fault, error: BaseException) -> Watch:
    numbers = iter(range(1000))

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        is_it = next(numbers) == fault.number
        if is_it and not fault.took_effect:
            raise error
        yield
        if is_it:
            raise error

    return watch


def assert_in_order(fault: Fault, world: World) -> None:
    """The table is as it should be, and that was told: once, unless telling was interrupted.

    Then nobody can know whether it was told; but it has the same id again.
    """
    if fault.scenario in TOLERATED:
        assert world.tables.enablings == []
    else:
        assert world.tables[ORDERS].period == OWN
    usual = undisturbed(fault.scenario, fault.reads_first)
    once = dict(zip(world.facts.ids, world.facts.kinds, strict=True))
    assert sorted(once.values()) == sorted(usual.told)
    assert len(world.facts.published) == len(usual.told) + usual.told_again(fault)
    assert world.ledger.recall(ORDERS, world.tables[ORDERS].id).drift is None


@every_fault
def test_after_a_death_the_redelivered_message_ends_the_job(fault: Fault) -> None:
    world, body = prepared(fault.scenario, fault.reads_first)
    world.watch = failing_once(fault, Died())
    with pytest.raises(Died):
        world.deliver(body)
    world.clock.advance(VISIBILITY_TIMEOUT)
    world.deliver(body, receives=2)
    catch_up(world)
    assert_in_order(fault, world)


@every_fault
def test_after_a_refusal_the_redelivered_message_ends_the_job(fault: Fault) -> None:
    world, body = prepared(fault.scenario, fault.reads_first)
    world.watch = failing_once(fault, RefusedError("no"))
    with pytest.raises(ExceptionGroup) as failed:
        world.deliver(body)
    assert failed.group_contains(RefusedError)
    world.clock.advance(VISIBILITY_TIMEOUT)
    world.deliver(body, receives=2)
    catch_up(world)
    assert_in_order(fault, world)


@every_fault
def test_after_a_death_any_other_look_ends_the_job_too(fault: Fault) -> None:
    world, body = prepared(fault.scenario, fault.reads_first)
    world.watch = failing_once(fault, Died())
    with pytest.raises(Died):
        world.deliver(body)
    world.clock.advance(VISIBILITY_TIMEOUT)
    world.look_at(ORDERS)  # the message itself is lost for good
    catch_up(world)
    world.look_at(ORDERS, "sweep-2")
    assert_in_order(fault, world)


@every_fault
def test_a_look_right_after_a_death_leaves_the_telling_to_the_redelivery(fault: Fault) -> None:
    world, body = prepared(fault.scenario, fault.reads_first)
    world.watch = failing_once(fault, Died())
    with pytest.raises(Died):
        world.deliver(body)
    world.clock.advance(1)
    world.look_at(ORDERS)
    world.clock.advance(VISIBILITY_TIMEOUT)
    world.deliver(body, receives=2)
    catch_up(world)
    assert_in_order(fault, world)


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault.call.startswith("Tables.")], ids=str
)
def test_where_aws_is_busy_the_look_itself_comes_back_and_ends_the_job(fault: Fault) -> None:
    world, body = prepared(fault.scenario, fault.reads_first)
    world.watch = failing_once(fault, TryLaterError("ThrottlingException"))
    world.deliver(body)
    catch_up(world)
    assert_in_order(fault, world)


def test_every_kind_of_call_is_among_those_that_fail() -> None:
    assert {fault.call for fault in FAULTS} == {
        "Tables.observe",
        "Tables.enable",
        "Ledger.recall",
        "Ledger.remember",
        "Ledger.notice",
        "Ledger.suspect",
        "Ledger.take_back",
        "Ledger.claim",
        "Ledger.settle",
        "Ledger.claim_fact",
        "Ledger.settle_fact",
        "Ledger.mend",
        "Ledger.mended",
        "Ledger.claim_mended",
        "Ledger.settle_mended",
        "Facts.publish",
        "Looks.put_back",
    }

"""Several messages about one table at once: in whatever order their calls meet, one is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pytest

from pitr_guardian.basics.ahead import when_wanted
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from pitr_guardian.tables.observation import Observed
from pitr_guardian.tables.policy import Policy
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ORDERS, created, message, switched_off, switched_on
from tests.fakes.world import Call, World, unwatched

OWN = 14
INTERRUPTIONS = 3  # of one message by another, at most: two are enough for nearly every race
LONG = 10  # seconds after which a turn that isn't taken is a broken test


class _Runner(threading.Thread):
    """Something that the guardian does, one call to the outside at a time."""

    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self.is_done = False
        self.problem: BaseException | None = None

    def run(self) -> None:
        self._go.acquire()
        try:
            self._work()
        except BaseException as problem:
            self.problem = problem
        self.is_done = True
        self._stopped.release()

    def step(self) -> None:
        """Let it make one call, and go on to just before the next."""
        self._go.release()
        assert self._stopped.acquire(timeout=LONG)

    def wait_for_its_turn(self) -> None:
        self._stopped.release()
        assert self._go.acquire(timeout=LONG)


Scenario = Callable[[], tuple[World, list[str]]]


@contextmanager
def _in_turns(call: Call) -> Iterator[None]:
    current = threading.current_thread()
    if isinstance(current, _Runner):
        current.wait_for_its_turn()
    yield


def run(works: Sequence[Callable[[], None]], order: list[int]) -> list[int]:
    """Run works side by side. ``order`` says who makes each next call; 0 is who made the last.

    Returns:
        how many could have made it, at each step.
    """
    runners = [_Runner(work) for work in works]
    for runner in runners:
        runner.start()
    choices: list[int] = []
    current = runners[0]
    interruptions = 0
    while waiting := [runner for runner in runners if not runner.is_done]:
        waiting.sort(key=lambda runner: runner is not current)
        can_go_on = waiting[0] is current
        if can_go_on and interruptions == INTERRUPTIONS:
            waiting = [current]
        choice = order[len(choices)] if len(choices) < len(order) else 0
        choices.append(len(waiting))
        interruptions += can_go_on and waiting[choice] is not current
        current = waiting[choice]
        current.step()
    for runner in runners:
        runner.join(LONG)
        if runner.problem is not None:
            raise runner.problem
    return choices


def in_every_order(scenario: Scenario) -> Iterator[World]:
    """Run a scenario's messages side by side, once in each order in which their calls can meet.

    All orders with few interruptions, depth first.
    """
    order: list[int] = []
    while True:
        world, bodies = scenario()
        world.watch = _in_turns
        works = [partial(world.deliver, body, f"m-{n}") for n, body in enumerate(bodies)]
        choices = run(works, order)
        world.let_looks_come_back()
        yield world
        order += [0] * (len(choices) - len(order))
        while order and order[-1] + 1 == choices[len(order) - 1]:
            order.pop()
        if not order:
            return
        order[-1] += 1


def known() -> World:
    world = World(policy=Policy(default_period=OWN))
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, OWN)
    world.look_at(ORDERS)
    world.clock.advance(7200)
    return world


def sweep(world: World) -> str:
    return body_of(Look(table=ORDERS.arn, since=world.clock.now))


def switched_off_twice_delivered() -> tuple[World, list[str]]:
    world = known()
    world.tables.switch_off(ORDERS)
    event = message(switched_off("orders", time=world.clock.now))
    world.clock.advance(20)
    return world, [event, event]


def switched_off_and_swept() -> tuple[World, list[str]]:
    world, [event, _] = switched_off_twice_delivered()
    return world, [event, sweep(world)]


def reads_first(scenario: Scenario) -> Scenario:
    """The same, where what is asked beside the reads takes effect after them."""

    def late() -> tuple[World, list[str]]:
        world, bodies = scenario()
        world.ahead = when_wanted
        return world, bodies

    late.__name__ = f"{scenario.__name__}_reads_first"
    return late


def switched_off_and_on_and_swept() -> tuple[World, list[str]]:
    """Its owner puts PITR right before the guardian comes, and the sweep may come first."""
    world, [event, _] = switched_off_twice_delivered()
    world.clock.advance(-10)
    world.tables.switch_on(ORDERS, OWN)
    world.clock.advance(10)
    return world, [event, sweep(world)]


def shortened_twice_delivered() -> tuple[World, list[str]]:
    world = known()
    world.tables.switch_on(ORDERS, 7)
    event = message(switched_on("orders", 7, time=world.clock.now))
    world.clock.advance(20)
    return world, [event, event]


def shortened_and_swept() -> tuple[World, list[str]]:
    world, [event, _] = shortened_twice_delivered()
    return world, [event, sweep(world)]


def born_and_swept() -> tuple[World, list[str]]:
    world = World(policy=Policy(default_period=OWN))
    world.tables.create(ORDERS)
    event = message(created("orders", time=world.clock.now))
    world.clock.advance(20)
    return world, [event, sweep(world)]


def born_again_and_swept() -> tuple[World, list[str]]:
    world = known()
    world.tables.delete(ORDERS)
    world.tables.create(ORDERS)
    event = message(created("orders", time=world.clock.now))
    world.clock.advance(20)
    return world, [event, sweep(world)]


def exempt_twice_delivered() -> tuple[World, list[str]]:
    world, bodies = switched_off_twice_delivered()
    world.tables.set_tags(ORDERS, exempt="2026-12-31")
    return world, bodies


REPAIRED = [
    switched_off_twice_delivered,
    reads_first(switched_off_twice_delivered),
    switched_off_and_swept,
    reads_first(switched_off_and_swept),
    switched_off_and_on_and_swept,
    reads_first(switched_off_and_on_and_swept),
    shortened_twice_delivered,
    shortened_and_swept,
    born_and_swept,
    born_again_and_swept,
]


@pytest.mark.parametrize("scenario", REPAIRED, ids=lambda scenario: scenario.__name__)
def test_two_messages_at_once_protect_the_table_and_tell_of_it_once(
    scenario: Scenario,
) -> None:
    orders = 0
    for world in in_every_order(scenario):
        orders += 1
        assert world.tables[ORDERS].period == OWN
        assert len(world.facts.published) == 1
        assert world.ledger.recall(ORDERS, world.tables[ORDERS].id).drift is None
    assert orders > 20


@pytest.mark.parametrize(
    "scenario", [switched_off_and_swept, shortened_and_swept], ids=lambda each: each.__name__
)
def test_whichever_message_is_faster_the_fact_names_who_did_it(
    scenario: Scenario,
) -> None:
    for world in in_every_order(scenario):
        [fact] = world.facts.published
        assert fact.detail()["actor"] is not None


def test_a_repair_that_no_look_made_is_told_for_what_it_was_in_every_order() -> None:
    for scenario in (switched_off_and_on_and_swept, reads_first(switched_off_and_on_and_swept)):
        for world in in_every_order(scenario):
            assert world.facts.kinds == ["History Lost"]
            assert world.tables.enablings == []


def test_what_is_switched_off_while_a_look_is_at_it_is_told_in_every_order() -> None:
    """Two looks are at it when the owner, who had put PITR right himself, switches it off again."""
    for scenario in (switched_off_and_on_and_swept, reads_first(switched_off_and_on_and_swept)):
        for moment in range(4):  # before and after each look sees the table
            for world in in_every_order(partial(switched_off_again, scenario, moment)):
                world.clock.advance(400)
                world.look_at(ORDERS, "next-sweep")
                world.let_looks_come_back()
                assert world.tables[ORDERS].period == OWN
                assert "PITR Re-enabled" in world.facts.kinds
                assert world.ledger.recall(ORDERS, world.tables[ORDERS].id).drift is None


def switched_off_again(scenario: Scenario, moment: int) -> tuple[World, list[str]]:
    world, bodies = scenario()
    observed = iter(range(100))
    observe = world.tables.observe

    def observe_and_be_overtaken(table: TableRef) -> Observed:
        number = next(observed)
        if number == moment // 2 and moment % 2 == 0:
            world.tables.switch_off(table)
        seen = observe(table)
        if number == moment // 2 and moment % 2:
            world.tables.switch_off(table)
        return seen

    world.tables.observe = observe_and_be_overtaken  # type: ignore[method-assign]
    return world, bodies


def test_two_messages_at_once_about_an_exempt_table_tell_of_it_once() -> None:
    for world in in_every_order(exempt_twice_delivered):
        assert world.tables.enablings == []
        assert world.facts.kinds == ["Drift Tolerated"]


def exemption_between(scenario: Scenario, *, is_first_exempt: bool) -> tuple[World, list[str]]:
    """The table's exemption goes, or comes, when one look has seen the table."""
    world, bodies = scenario()
    observe, is_first = world.tables.observe, iter([True])
    if is_first_exempt:
        world.tables.set_tags(ORDERS, exempt="2026-12-31")

    def observe_and_be_overtaken(table: TableRef) -> Observed:
        seen = observe(table)
        if next(is_first, False):
            if is_first_exempt:
                world.tables.untag(ORDERS)
            else:
                world.tables.set_tags(ORDERS, exempt="2026-12-31")
        return seen

    world.tables.observe = observe_and_be_overtaken  # type: ignore[method-assign]
    return world, bodies


@pytest.mark.parametrize("scenario", [switched_off_twice_delivered, switched_off_and_swept])
@pytest.mark.parametrize("is_first_exempt", [True, False])
def test_what_one_look_put_right_and_another_left_alone_is_told_as_both(
    scenario: Scenario, *, is_first_exempt: bool
) -> None:
    told = set()
    for world in in_every_order(
        partial(exemption_between, scenario, is_first_exempt=is_first_exempt)
    ):
        kinds = world.facts.kinds
        assert len(set(world.facts.ids)) == len(kinds)
        assert ("PITR Re-enabled" in kinds) == bool(world.tables.enablings)
        told |= {tuple(kinds)}
    assert ("Drift Tolerated", "PITR Re-enabled") in told


def test_what_is_done_meanwhile_is_never_left_undone() -> None:
    for world in in_every_order(switched_off_and_swept):
        world.tables.switch_off(ORDERS)
        world.clock.advance(20)
        world.look_at(ORDERS)
        assert world.tables[ORDERS].period == OWN
        world.let_looks_come_back()
        assert len(set(world.facts.ids)) == len(world.facts.ids) == 2


def test_what_is_done_after_another_look_was_faster_is_told_as_well() -> None:
    """One look finds PITR off, and is overtaken: by a repair, and by another disabling call."""
    world, [event, again] = switched_off_twice_delivered()
    world.ahead = when_wanted
    overtaking = iter([None])

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Ledger.suspect" and next(overtaking, "over") is None:
            world.deliver(again, "m-2")
            world.clock.advance(5)
            world.tables.switch_off(ORDERS)
            world.clock.advance(5)
        yield

    world.watch = watch
    world.deliver(event, "m-1")
    world.let_looks_come_back()
    assert world.tables[ORDERS].period == OWN
    assert world.facts.kinds == ["PITR Re-enabled"] * 2
    assert len(set(world.facts.ids)) == 2


def test_a_look_that_is_overtaken_by_a_disabling_call_does_not_hide_who_made_it() -> None:
    """One look sees PITR on; somebody switches it off; only then does the look write that down."""

    def scenario() -> tuple[World, list[str]]:
        world = known()
        return world, [sweep(world)]

    culprits = []
    for calls in range(3):
        world, [body] = scenario()
        seen = iter(range(100))

        @contextmanager
        def watch(call: Call, world: World = world, calls: int = calls) -> Iterator[None]:
            if call.name.startswith(("Tables", "Ledger")) and next(seen) == calls:  # noqa: B023
                world.tables.switch_off(ORDERS)
                events.append(message(switched_off("orders", time=world.clock.now)))  # noqa: B023
                world.clock.advance(5)
            yield

        events: list[str] = []
        world.watch = watch
        world.deliver(body)
        world.clock.advance(20)
        for event in events:
            world.deliver(event, "m-off")
        assert world.tables[ORDERS].period == OWN
        culprits += [fact.detail()["actor"] for fact in world.facts.published if calls]
    assert culprits
    assert all(culprits)


def test_what_goes_while_another_look_is_telling_is_told_too() -> None:
    """The telling of the birth takes seconds; PITR goes off, and comes on by another look."""
    world = World()
    world.tables.create(ORDERS)
    birth = message(created(ORDERS.name, time=world.clock.now))
    before_publishing(world, lambda: off_and_looked_at(world))
    world.deliver(birth, "m-birth")
    world.let_looks_come_back()
    assert told_by_id(world) == ["PITR Re-enabled", "Table Protected"]


def test_each_of_two_losses_is_told_though_the_first_could_not_be_told_before_the_second() -> None:
    """PITR is put right, telling fails; it is switched off again before anybody could tell."""
    world = known()
    first = message(switched_off(ORDERS.name, time=world.clock.now))
    world.tables.switch_off(ORDERS)
    world.clock.advance(2)
    with not_publishing(world):
        world.deliver(first, "m-1")
        world.clock.advance(2)
        world.tables.switch_off(ORDERS)
        second = message(switched_off(ORDERS.name, time=world.clock.now))
        world.clock.advance(1)
        world.deliver(second, "m-2")
        assert world.tables[ORDERS].period == OWN  # protection waits for nobody who listens
    world.let_looks_come_back()
    assert told_by_id(world) == ["PITR Re-enabled", "PITR Re-enabled"]
    lost = [fact.detail()["lostWindow"] for fact in world.facts.published]
    assert len({window["earliest"] for window in lost}) == 2
    assert all(fact.detail()["actor"] for fact in world.facts.published)


def test_a_birth_that_could_not_be_told_does_not_hide_that_pitr_was_switched_off_since() -> None:
    world = World()
    world.tables.create(ORDERS)
    birth = message(created(ORDERS.name, time=world.clock.now))
    world.clock.advance(1)
    with not_publishing(world):
        world.deliver(birth, "m-birth")
        for number in (1, 2):
            off_and_looked_at(world, f"m-off-{number}")
    world.let_looks_come_back()
    assert told_by_id(world) == ["PITR Re-enabled", "PITR Re-enabled", "Table Protected"]


def told_by_id(world: World) -> list[str]:
    """The kinds of what was told, each fact once; telling may be repeated, with the same id."""
    return sorted({fact.id: fact.detail_type for fact in world.facts.published}.values())


@contextmanager
def not_publishing(world: World) -> Iterator[None]:
    """The facts' bus throttles; the looks come back later."""

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Facts.publish":
            raise TryLaterError("ThrottlingException")
        yield

    world.watch = watch
    yield
    world.watch = unwatched


def off_and_looked_at(world: World, message_id: str = "m-off") -> None:
    world.clock.advance(3)
    world.tables.switch_off(ORDERS)
    event = message(switched_off(ORDERS.name, time=world.clock.now))
    world.clock.advance(1)
    world.deliver(event, message_id)


def before_publishing(world: World, happens: Callable[[], None]) -> None:
    """Let something happen once, before the first fact is told."""
    left = [happens]

    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        if call.name == "Facts.publish" and left:
            left.pop()()
        yield

    world.watch = watch

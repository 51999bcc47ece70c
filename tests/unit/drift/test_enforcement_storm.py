"""Whatever owners do and however their events arrive, every table ends as the policy says.

Events come late, twice, out of order or never; the guardian is killed at any call; tables come and
go under the same name. The rule below is the contract's, said again in other words.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, timedelta

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    precondition,
    rule,
)

from pitr_guardian.drift.enforcement import GaveUpError
from pitr_guardian.tables.policy import Policy
from tests.fakes.cloudtrail import ORDERS, created, message, switched_off, switched_on
from tests.fakes.world import Call, World

DEFAULT = 20
periods = st.sampled_from([1, 7, DEFAULT, 30, 35])


class Died(BaseException):
    """The function was killed."""


class Rightful:
    """What the owner of a table may count on, by the contract."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._remembered: dict[str, int] = {}

    def is_exempt(self, tags: Mapping[str, str]) -> bool:
        try:
            last_day = date.fromisoformat(tags.get("pitr-guardian:exempt", ""))
        except ValueError:
            return False
        return self._world.clock.now.date() <= last_day

    def period(self) -> int:
        """The table's own: its tag, else the longest seen of it, else the default."""
        table = self._world.tables[ORDERS]
        tag = table.tags.get("pitr-guardian:recovery-days", "")
        if tag in map(str, range(1, 36)):
            return int(tag)
        return self._remembered.get(table.id) or table.period or DEFAULT

    def note(self) -> None:
        """The guardian has looked at the table, and left it in order."""
        table = self._world.tables[ORDERS]
        if table.period is not None and table.period >= self.period():
            longest = max(self._remembered.get(table.id, 0), table.period)
            self._remembered[table.id] = longest

    def note_what_survived(self) -> None:
        """The guardian died; what it remembers of its last look is as good as not having looked."""
        if ORDERS in self._world.tables:
            table_id = self._world.tables[ORDERS].id
            period = self._world.ledger.recall(ORDERS, table_id).period
            if period is not None:
                self._remembered[table_id] = period


class Storm(RuleBasedStateMachine):
    """One table name, its owners, its events, and the guardian."""

    events = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        # A period named soon after birth has tests of its own: here, nothing but the rule counts.
        self.world = World(policy=Policy(default_period=DEFAULT, birth_grace=timedelta(0)))
        self.rightful = Rightful(self.world)
        self.message_ids = (f"m-{number}" for number in itertools.count())
        self.told_before_a_death: set[str] = set()
        self.calls_until_death: int | None = None
        self.world.watch = self._watch

    # ---- Owners ----

    @initialize(target=events)
    def is_born(self) -> str:
        return self._birth("ACTIVE")

    def _birth(self, status: str) -> str:
        self.world.tables.create(ORDERS, status)
        return message(created("orders", time=self.world.clock.now))

    def exists(self) -> bool:
        return ORDERS in self.world.tables

    @precondition(exists)
    @rule(target=events)
    def switch_off(self) -> str:
        self.world.tables.switch_off(ORDERS)
        return message(switched_off("orders", time=self.world.clock.now))

    @precondition(exists)
    @rule(target=events, period=st.none() | periods)
    def switch_on(self, period: int | None) -> str:
        self.world.tables.switch_on(ORDERS, period)
        return message(switched_on(ORDERS.arn, period, time=self.world.clock.now))

    @precondition(exists)
    @rule(days=st.integers(-1, 3))
    def exempt(self, days: int) -> None:
        last_day = (self.world.clock.now + timedelta(days=days)).date()
        self.world.tables.set_tags(ORDERS, exempt=last_day.isoformat())

    @precondition(exists)
    @rule(value=st.sampled_from(["forever", "2026-02-30", ""]))
    def exempt_in_vain(self, value: str) -> None:
        self.world.tables.set_tags(ORDERS, exempt=value)

    @precondition(exists)
    @rule(value=periods.map(str) | st.sampled_from(["0", "036", "a week"]))
    def name_a_period(self, value: str) -> None:
        self.world.tables.set_tags(ORDERS, recovery_days=value)

    @precondition(exists)
    @rule()
    def untag(self) -> None:
        self.world.tables.untag(ORDERS)

    @precondition(exists)
    @rule(target=events, status=st.sampled_from(["ACTIVE", "CREATING"]))
    def delete_and_create(self, status: str) -> str:
        self.world.tables.delete(ORDERS)
        return self._birth(status)

    @precondition(exists)
    @rule(status=st.sampled_from(["ACTIVE", "UPDATING"]))
    def change_status(self, status: str) -> None:
        self.world.tables[ORDERS].status = status

    @precondition(exists)
    @rule()
    def delete(self) -> None:
        self.world.tables.delete(ORDERS)

    @precondition(lambda self: not self.exists())
    @rule(target=events)
    def create(self) -> str:
        return self._birth("ACTIVE")

    @rule(seconds=st.sampled_from([0.001, 1, 30, 400, 7200, 86400]))
    def time_goes_by(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    # ---- Delivery ----

    @rule(event=events)
    def an_event_arrives(self, event: str) -> None:
        self._guard(lambda: self.world.deliver(event, next(self.message_ids)))

    @rule(event=consumes(events))
    def an_event_arrives_for_the_last_time(self, event: str) -> None:
        self.an_event_arrives(event)

    @rule(event=consumes(events))
    def an_event_is_lost(self, event: str) -> None:
        pass

    @rule(target=events)
    @precondition(lambda self: self.world.tables.enablings)
    def the_guardians_own_call_comes_back(self) -> str:
        period = self.world.tables.enablings[-1].period
        return message(switched_on(ORDERS.arn, period, time=self.world.clock.now))

    @rule()
    def a_sweep_looks(self) -> None:
        self._guard(lambda: self.world.look_at(ORDERS, next(self.message_ids)))

    @rule(event=events, calls=st.integers(0, 7), redelivered=st.booleans())
    def the_guardian_dies(self, event: str, calls: int, redelivered: bool) -> None:
        message_id = next(self.message_ids)
        told = len(self.world.facts.published)
        self.calls_until_death = calls
        with suppress(Died):
            self.world.deliver(event, message_id)
        self.calls_until_death = None
        self.told_before_a_death |= set(self.world.facts.ids[told:])
        self.rightful.note_what_survived()
        self.world.clock.advance(360)
        if redelivered:
            self._guard(lambda: self.world.deliver(event, message_id, receives=2))

    # ---- What must hold ----

    @invariant()
    def an_exempt_table_is_never_touched(self) -> None:
        for enabling in self.world.tables.enablings:
            assert not self.rightful.is_exempt(enabling.tags)
        self.world.tables.enablings[:-1] = []

    @invariant()
    def nothing_is_told_twice_but_what_a_death_left_in_doubt(self) -> None:
        ids = [each for each in self.world.facts.ids if each not in self.told_before_a_death]
        assert len(set(ids)) == len(ids)

    def teardown(self) -> None:
        if self.exists():
            self.world.tables[ORDERS].status = "ACTIVE"
            self._guard(lambda: self.world.look_at(ORDERS, "the last"))
            self.an_exempt_table_is_never_touched()
            self.nothing_is_told_twice_but_what_a_death_left_in_doubt()

    def _guard(self, deliver: Callable[[], None]) -> None:
        """Let the guardian look, undisturbed, and see that it leaves the table as it should be."""
        before = self._rightful_period()
        deliver()
        self._let_looks_come_back()
        table = self.world.tables[ORDERS] if self.exists() else None
        if table is None or table.status == "CREATING":
            return
        if not self.rightful.is_exempt(table.tags):
            assert before is not None
            assert table.period is not None
            assert table.period >= before
            drift = self.world.ledger.recall(ORDERS, table.id).drift
            assert drift is None or self.told_before_a_death
        self.rightful.note()

    def _rightful_period(self) -> int | None:
        return self.rightful.period() if self.exists() else None

    def _let_looks_come_back(self) -> None:
        """Deliver what was put back, but not for ever: a table may stay CREATING."""
        for _ in range(5):
            if self.world.looks.waiting:
                self.world.clock.now = max(
                    self.world.clock.now, min(due for due, _ in self.world.looks.waiting)
                )
                for body in self.world.looks.receive():
                    self._deliver_again(body)

    def _deliver_again(self, body: str) -> None:
        try:
            self.world.deliver(body, next(self.message_ids))
        except* GaveUpError:
            assert self.world.tables[ORDERS].status == "CREATING"  # for more than a day

    @contextmanager
    def _watch(self, call: Call) -> Iterator[None]:
        if self.calls_until_death is not None:
            if self.calls_until_death == 0:
                raise Died
            self.calls_until_death -= 1
        yield


TestStorm = Storm.TestCase
TestStorm.settings = settings(stateful_step_count=40)

"""From a request, or a tag, to a drill that began; and the answers where no evidence is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drills.acceptance import DrillReception
from pitr_guardian.drills.answers import DrillFailure, DrillGreeting, DrillLastWord
from pitr_guardian.drills.choosing import AT_ONCE
from pitr_guardian.drills.due import DueDrills
from pitr_guardian.drills.order import Kind, Occasion
from pitr_guardian.drills.ordering import Orders
from pitr_guardian.drills.ports import DrillNotUnderWayError
from pitr_guardian.drills.switched_off import DrillsSwitchedOff
from pitr_guardian.facts.drill_facts import DrillFailed, DrillRejected, DrillSkipped, DrillStarted
from pitr_guardian.tables.observation import Observed
from pitr_guardian.tables.reference import Home, TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.drills import FakeDrills
from tests.fakes.event_answers import before_it
from tests.fakes.facts import FakeFacts
from tests.fakes.members import FakeMembers
from tests.fakes.tables import FakeTables

TAG = "pitr-guardian:drill"


@dataclass
class Life:
    """A guardian of one account, as far as drills begin and end."""

    clock: FakeClock = field(default_factory=FakeClock)
    facts: FakeFacts = field(default_factory=FakeFacts)
    drills: FakeDrills = field(default_factory=FakeDrills)
    log: list[str] = field(default_factory=list)
    budget: float = 100.0
    pattern: str = "*"
    members: FakeMembers = field(default_factory=FakeMembers)

    def __post_init__(self) -> None:
        self.tables = FakeTables(self.clock)
        self.home = Home(ORDERS.partition, ORDERS.account, ORDERS.region)
        self.protect(ORDERS)

    def protect(self, table: TableRef, tag: str | None = None) -> None:
        self.tables.create(table)
        self.tables.switch_on(table, 35)
        self.clock.advance(3600)
        if tag:
            self.drills.tags[table] = tag
            self.tables.tag(table, {TAG: tag})

    def said(self, drill_id: str, what: str) -> None:
        self.log.append(what)

    @property
    def orders(self) -> Orders:
        return Orders(
            tables=self.tables,
            structures=self.drills,
            copies=self.drills,
            rates=self.drills,
            regions=self.drills,
            home=self.home,
            leave=self.members.leave(self.home),
            pattern=self.pattern,
            tag_key=TAG,
            clock=self.clock,
        )

    def ask(self, event_id: str = "e-1", account: str | None = None, **detail: Any) -> None:
        DrillReception(
            orders=self.orders,
            workflow=self.drills,
            ledger=self.drills,
            facts=self.facts,
            home=self.home,
            clock=self.clock,
            log=self.said,
        ).receive({"table": ORDERS.name, **detail}, event_id, account or self.home.account)

    def begin_due(self) -> int:
        return DueDrills(
            tagged=self.drills,
            orders=self.orders,
            workflow=self.drills,
            ledger=self.drills,
            facts=self.facts,
            tag_key=TAG,
            budget_in_usd=self.budget,
            account=self.home.account,
            clock=self.clock,
            log=self.said,
        ).begin()

    def refused(self) -> str:
        [fact] = self.facts.published
        assert isinstance(fact, DrillRejected)
        assert self.drills.started == []
        return fact.error


@pytest.fixture
def life() -> Life:
    return Life()


# -- asked for ------------------------------------------------------------------------------------


def test_a_request_is_recorded_as_surveyed_and_begun(life: Life) -> None:
    life.tables.tag(ORDERS, {TAG: "weekly with-indexes", "pitr-guardian:rto-minutes": "60"})
    life.ask(requestId="d-1", targetRegion="eu-west-1")
    order = life.drills.records["d-1"].order
    assert life.drills.started == ["d-1"]
    assert life.facts.published == []
    assert (order.kind, order.occasion) == (Kind.FULL, Occasion.EVENT)
    assert (order.rto_minutes, order.rpo_minutes, order.with_indexes) == (60, None, True)
    assert order.copy_ref.name == "pitr-guardian-drill-d-1"
    assert order.copy_ref.region == "eu-west-1"
    assert order.at <= order.latest <= order.accepted_at
    assert order.estimate_in_usd == pytest.approx(0.25, abs=0.03)


def test_the_same_request_again_is_the_same_drill(life: Life) -> None:
    life.ask(requestId="d-1")
    life.ask("e-2", requestId="d-1")
    assert life.drills.started == ["d-1"]
    assert life.facts.published == []


def test_its_id_for_another_is_refused(life: Life) -> None:
    life.ask(requestId="d-1")
    life.ask("e-2", requestId="d-1", sample=5)
    [fact] = life.facts.published
    assert isinstance(fact, DrillRejected)
    assert "was used for another request" in fact.error


def test_a_refusal_stays_the_same_however_often_the_event_comes(life: Life) -> None:
    life.tables.switch_off(ORDERS)
    life.ask()
    life.tables.switch_on(ORDERS, 35)
    life.ask()
    assert len({fact.id for fact in life.facts.published}) == 1
    assert life.drills.started == []


def test_other_accounts_may_not_ask(life: Life) -> None:
    life.ask(account="999999999999")
    assert "others may ask for restores only" in life.refused()


def test_without_a_window_there_is_nothing_to_prove(life: Life) -> None:
    life.tables.switch_off(ORDERS)
    life.ask()
    assert "PITR is off" in life.refused()


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"table": "nobody"}, "there is no table"),
        ({"table": "pitr-guardian-drill-x"}, "is named like the copy of a drill"),
        ({"targetRegion": "eu-nowhere-1"}, "targetRegion: aws has no region"),
        ({"at": "2001-01-01T00:00:00Z"}, "outside the table's PITR window"),
    ],
)
def test_what_cannot_be_is_refused_by_the_field(
    life: Life, detail: dict[str, Any], said: str
) -> None:
    life.ask(**detail)
    assert said in life.refused()


def test_a_table_outside_the_pattern_is_refused_by_the_parameter(life: Life) -> None:
    life.pattern = "shop-*"
    life.ask()
    assert "RestoreSourcePattern" in life.refused()


def test_a_copys_name_that_is_taken_is_refused(life: Life) -> None:
    life.drills.taken.add("pitr-guardian-drill-d-1")
    life.ask(requestId="d-1")
    assert "choose another requestId" in life.refused()


def test_a_target_that_nobody_can_read_is_refused_by_the_tag(life: Life) -> None:
    life.tables.tag(ORDERS, {"pitr-guardian:rpo-minutes": "soon"})
    life.ask()
    assert "pitr-guardian:rpo-minutes" in life.refused()


def test_where_drills_are_off_the_parameter_is_named(life: Life) -> None:
    off = DrillsSwitchedOff(life.drills, life.facts, life.home, life.clock, life.said)
    off.refuse({"table": "Orders"}, "e-1")
    off.refuse({"table": "Orders"}, "e-1")
    first, *_ = life.facts.published
    assert "DrillTagKey" in first.reason
    assert len({fact.id for fact in life.facts.published}) == 1


# -- members --------------------------------------------------------------------------------------

MEMBER = "999999999999"
THEIRS = replace(ORDERS, account=MEMBER, region="eu-west-1")


def test_a_members_table_is_drilled_in_the_members_account_and_region(life: Life) -> None:
    life.members.allowing[MEMBER] = {"pitr-guardian:allow-restores": "true"}
    life.protect(THEIRS)
    life.ask(requestId="d-1", table=THEIRS.arn)
    order = life.drills.records["d-1"].order
    assert (order.table_ref, order.account) == (THEIRS, life.home.account)
    assert order.copy_ref == replace(THEIRS, name="pitr-guardian-drill-d-1")


def test_a_member_that_allows_no_restores_is_refused_with_the_parameter(life: Life) -> None:
    life.members.allowing[MEMBER] = {"pitr-guardian:allow-undo": "true"}
    life.protect(THEIRS)
    life.ask(table=THEIRS.arn)
    assert life.refused() == (
        f"table: account {MEMBER} doesn't allow drills: update its stack of "
        "organization/member.yaml with AllowRestores=true"
    )


def test_a_member_that_lets_nobody_in_is_an_answer(life: Life) -> None:
    life.members.allowing["888888888888"] = {}
    life.protect(THEIRS)
    life.ask(table=THEIRS.arn)
    assert life.refused() == f"table: account {MEMBER} is closed"


def test_a_members_table_that_is_due_is_begun_or_told_once_why_not(life: Life) -> None:
    other = replace(THEIRS, account="888888888888")
    life.members.allowing |= {MEMBER: {"pitr-guardian:allow-restores": "true"}, other.account: {}}
    life.protect(THEIRS, "daily")
    life.protect(other, "daily")
    assert life.begin_due() == 1
    assert life.begin_due() == 0
    [record] = life.drills.records.values()
    assert record.order.table_ref == THEIRS
    [fact] = life.facts.published
    assert isinstance(fact, DrillRejected)
    assert (fact.table and fact.table.account) == other.account
    assert "AllowRestores=true" in fact.error


# -- due ------------------------------------------------------------------------------------------


def tables(life: Life, count: int, tag: str = "daily") -> list[TableRef]:
    found = [replace(ORDERS, name=f"table-{number}") for number in range(count)]
    for table in found:
        life.protect(table, tag)
    return found


def test_a_few_are_begun_at_a_time_and_the_rest_when_they_are_done(life: Life) -> None:
    tables(life, 3)
    assert life.begin_due() == 2
    assert life.begin_due() == 0
    life.drills.closed |= set(life.drills.started)
    assert life.begin_due() == 1
    assert {each.order.occasion for each in life.drills.records.values()} == {Occasion.TAG}
    assert life.facts.published == []


def test_without_a_budget_none_begins_by_itself_and_one_that_is_asked_for_does(life: Life) -> None:
    life.budget = 0
    tables(life, 1)
    assert life.begin_due() == 0
    life.ask(requestId="d-1")
    assert life.drills.started == ["d-1"]


def test_one_that_couldnt_be_started_is_started_when_lambda_tries_again(life: Life) -> None:
    """Else its order would stay open, and the table wait, until it is answered for as lost."""
    tables(life, 3)
    life.drills.is_throttled = True
    for _ in range(2):
        with pytest.raises(TryLaterError, match="not started as yet: due-table-"):
            life.begin_due()
    assert life.drills.started == []
    assert len(life.drills.records) == AT_ONCE
    life.drills.is_throttled = False
    assert life.begin_due() == 0
    assert sorted(life.drills.started) == sorted(life.drills.records)
    assert life.facts.published == []


def test_a_table_in_a_fight_or_in_use_waits(life: Life) -> None:
    one, other = tables(life, 2)
    life.drills.fights.add(one)
    life.drills.others_busy.add(other)
    assert life.begin_due() == 0
    assert life.facts.published == []


def test_a_giant_over_the_budget_is_a_small_drill(life: Life) -> None:
    life.drills.gigabytes = 10_000
    tables(life, 1)
    assert life.begin_due() == 1
    [record] = life.drills.records.values()
    assert record.order.kind is Kind.SMALL
    assert record.order.copy_table is None
    assert record.order.estimate_in_usd < 1


def test_what_an_earlier_drill_measured_is_reckoned_with(life: Life) -> None:
    [table] = tables(life, 1)
    life.clock.advance(timedelta(days=10).total_seconds())
    life.drills.rates[table] = 100 * 2.0**30  # GB an hour
    assert life.begin_due() == 1
    [record] = life.drills.records.values()
    assert record.order.kind is Kind.SMALL  # the table is small, and its history is not


def test_what_the_budget_leaves_out_is_told_once_a_month(life: Life) -> None:
    life.budget = 0.001
    [table] = tables(life, 1, "weekly")
    for _ in range(3):
        assert life.begin_due() == 0
    [fact] = life.facts.published
    assert isinstance(fact, DrillSkipped)
    assert (fact.table.name, fact.period) == (table.name, "weekly")
    life.clock.advance(timedelta(days=32).total_seconds())
    life.begin_due()
    assert len(life.facts.published) == 2
    assert life.facts.published[0].id != life.facts.published[1].id


def test_of_a_budget_that_is_spent_aws_is_asked_once_a_month_a_table(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else many tables that are due would take an hourly function more time than it has."""
    observed: list[TableRef] = []
    observe = life.tables.observe

    def counted(table: TableRef) -> Observed:
        observed.append(table)
        return observe(table)

    monkeypatch.setattr(life.tables, "observe", counted)
    life.budget = 0.001
    tables(life, 3)
    for _ in range(2):
        life.begin_due()
        assert len(observed) == 3
    life.budget = 100
    assert life.begin_due() == AT_ONCE


def test_a_tag_that_nobody_can_read_is_told_once_and_stops_no_other(life: Life) -> None:
    tables(life, 1)
    life.protect(replace(ORDERS, name="odd"), "fortnightly")
    life.begin_due()
    life.begin_due()
    [fact] = life.facts.published
    assert isinstance(fact, DrillRejected)
    assert "'fortnightly'" in fact.error
    assert len(life.drills.started) == 1


def test_an_event_is_refused_once_though_its_twin_could_be_granted(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was delivered twice at once, and the table was there for one of them."""
    before_it(monkeypatch, life.drills, "open", lambda: life.ask(requestId="d-1", table="nobody"))
    life.ask(requestId="d-1")
    first, again = life.facts.published
    assert first == again
    assert isinstance(first, DrillRejected)
    assert life.drills.started == []


def test_an_event_is_granted_once_though_its_twin_would_be_refused(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_it(monkeypatch, life.drills, "note_answer", lambda: life.ask(requestId="d-1"))
    life.ask(requestId="d-2", table="nobody")
    assert life.facts.published == []
    assert life.drills.started == ["d-1"]


# -- answers --------------------------------------------------------------------------------------


def test_the_first_word_is_that_it_began(life: Life) -> None:
    life.ask(requestId="d-1", requestedBy="anna")
    assert DrillGreeting(life.drills, life.facts).greet("d-1") == {"kind": "full"}
    [fact] = life.facts.published
    assert isinstance(fact, DrillStarted)
    assert fact.requested_by == "anna"
    with pytest.raises(DrillNotUnderWayError):
        DrillGreeting(life.drills, life.facts).greet("d-2")


def test_a_failure_is_told_once_whatever_fails_afterwards(life: Life) -> None:
    life.ask(requestId="d-1")
    failure = DrillFailure(life.drills, life.facts, life.clock)
    failure.fail("d-1", "One", '{"errorMessage": "first"}', removed=True)
    failure.fail("d-1", "Two", "second", removed=False)
    first, again = life.facts.published
    assert first == again
    assert isinstance(first, DrillFailed)
    assert first.error == "One: first"
    assert life.drills.closed == {"d-1"}


def test_why_it_was_stopped_is_asked_where_the_event_doesnt_say(life: Life) -> None:
    life.ask(requestId="d-1")
    arn = "arn:aws:states:eu-central-1:123456789012:execution:pitr-guardian-drill:d-1"
    life.drills.endings["d-1"] = Ending(arn, "ABORTED", life.clock.now, "DrillTooLong", "3 days")
    last_word = DrillLastWord(life.drills, life.drills, life.facts, life.clock, life.said)
    last_word.speak({"executionArn": arn, "status": "ABORTED"}, "2026-11-25T12:00:00Z")
    _, fact = life.facts.published
    assert isinstance(fact, DrillFailed)
    assert "(DrillTooLong: 3 days)" in fact.error


def test_an_execution_that_ended_from_outside_is_answered_for(life: Life) -> None:
    life.ask(requestId="d-1")
    last_word = DrillLastWord(life.drills, life.drills, life.facts, life.clock, life.said)
    arn = "arn:aws:states:eu-central-1:123456789012:execution:pitr-guardian-drill:"
    detail = {"executionArn": f"{arn}d-1", "status": "ABORTED", "cause": "by hand"}
    last_word.speak(detail, "2026-11-25T12:00:00Z")
    last_word.speak({**detail, "executionArn": f"{arn}d-2"}, "2026-11-25T12:00:00Z")
    first, fact = life.facts.published
    assert isinstance(first, DrillStarted)  # the workflow may not have come to say it
    assert isinstance(fact, DrillFailed)
    assert fact.error.startswith("WorkflowAborted: ")
    assert fact.removed is True  # AWS was never asked for a copy
    assert life.log[-1].startswith("not answered for")

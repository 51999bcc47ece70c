"""What the ledger holds of drills, on DynamoDB as moto has it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pitr_guardian.aws.ledger.drill_book import DrillBookLedger
from pitr_guardian.aws.ledger.drill_copies import CopyCalls, CopyLedger
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.drills.budget import month_of
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import Busy, DrillNotUnderWayError, OverBudgetError
from pitr_guardian.drills.record import Milestone
from pitr_guardian.drills.telling import failed_without_evidence
from pitr_guardian.facts.drill_facts import DrillRejected
from pitr_guardian.wiring.drills.copying import restore_of
from tests.fakes.proofs import DRILL, ProofWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def world() -> ProofWorld:
    world = ProofWorld()
    world.clock.now = world.clock.now.replace(microsecond=0)  # it is kept to the millisecond
    world.clock.advance(7200)
    return world


@pytest.fixture
def order(world: ProofWorld) -> DrillOrder:
    return world.order(world.past(hours=1)).model_copy(update={"estimate_in_usd": 0.25})


@pytest.fixture
def ledger_at(dynamodb: DynamoDBClient, ledger_table: str) -> tuple[DynamoDBClient, str]:
    """A client, and the name of an empty ledger."""
    return dynamodb, ledger_table


def another(order: DrillOrder, drill_id: str) -> DrillOrder:
    request = order.request.model_copy(update={"request_id": drill_id})
    copy = order.copy_table
    assert copy is not None
    moved = copy.model_copy(update={"arn": copy.arn.replace(DRILL, drill_id)})
    return order.model_copy(update={"request": request, "copy_table": moved})


class TestACopy:
    def test_it_is_known_to_everybody_before_it_is_born(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        client, name = ledger_at
        copy = order.copy_ref
        assert DynamoLedger(client, name).recall(copy, "c-1").copy_of is None
        DrillLedger(client, name).open(order)
        assert DynamoLedger(client, name).recall(copy, None).copy_of == DRILL
        assert DynamoLedger(client, name).recall(copy, "c-1").copy_of == DRILL
        assert SweepLedger(client, name).recall_all([copy])[copy].copy_of == DRILL

    def test_once_it_is_born_another_table_of_its_name_is_none(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        client, name = ledger_at
        DrillLedger(client, name).open(order)
        CopyLedger(client, name).note_copy(DRILL, "c-1")
        CopyLedger(client, name).note_copy(DRILL, "c-2")
        remembered = DynamoLedger(client, name)
        assert remembered.recall(order.copy_ref, "c-1").copy_of == DRILL
        assert remembered.recall(order.copy_ref, "another").copy_of is None

    def test_it_is_still_known_when_its_deletion_is_told(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        client, name = ledger_at
        copies = CopyLedger(client, name)
        DrillLedger(client, name).open(order)
        CopyCalls(client, name).note_call(restore_of(order), world.clock.now)
        copies.note_copy(DRILL, "c-1")
        copies.settle_copy(DRILL, world.clock.now)
        assert copies.copies() == []
        assert DynamoLedger(client, name).recall(order.copy_ref, "c-1").copy_of == DRILL

    def test_where_none_was_asked_for_nothing_is_expected_any_longer(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        client, name = ledger_at
        DrillLedger(client, name).open(order)
        CopyLedger(client, name).settle_copy(DRILL, world.clock.now)
        assert DynamoLedger(client, name).recall(order.copy_ref, "theirs").copy_of is None

    def test_a_call_is_noted_once_and_taken_back(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        client, name = ledger_at
        calls, restore = CopyCalls(client, name), restore_of(order)
        DrillLedger(client, name).open(order)
        assert calls.note_call(restore, world.clock.now) is None
        assert calls.note_call(restore, world.clock.now + timedelta(hours=1)) == world.clock.now
        calls.forget_call(restore)
        record = DrillLedger(client, name).record_of(DRILL)
        assert record is not None
        assert record.called_at is None


class TestADrill:
    def test_it_is_opened_once(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        assert ledger.open(order).order == order
        later = order.model_copy(update={"accepted_at": order.accepted_at + timedelta(hours=1)})
        assert ledger.open(later).order == order
        book = DrillBookLedger(*ledger_at, clock=lambda: order.accepted_at)
        assert book.spent(month_of(order.accepted_at)) == 0.25

    def test_a_milestone_is_reached_once(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        ledger.open(order)
        first = ledger.reach(DRILL, Milestone.ACTIVE, world.clock.now)
        assert ledger.reach(DRILL, Milestone.ACTIVE, world.clock.now + timedelta(1)) == first
        with pytest.raises(DrillNotUnderWayError):
            ledger.reach("nobody's", Milestone.ACTIVE, world.clock.now)

    def test_it_has_one_answer(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        record = ledger.open(order)
        first = failed_without_evidence(record, "One: first", world.clock.now, removed=True)
        assert ledger.conclude(DRILL, first).answer == first
        second = failed_without_evidence(record, "Two: second", world.clock.now, removed=True)
        assert ledger.conclude(DRILL, second).answer == first
        assert ledger.unanswered(world.clock.now + timedelta(days=1)) == [DRILL]
        ledger.close(DRILL)
        assert ledger.unanswered(world.clock.now + timedelta(days=1)) == []

    def test_its_event_is_refused_or_taken_up_and_never_both(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder, world: ProofWorld
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        assert ledger.note_answer("e-1", refusal(world.clock.now), world.clock.now)
        with pytest.raises(AnsweredMeanwhileError):
            ledger.open(order, event_id="e-1")
        assert ledger.record_of(DRILL) is None
        assert ledger.open(order, event_id="e-2").order == order
        assert ledger.note_answer("e-2", refusal(world.clock.now), world.clock.now) is None
        assert ledger.answer_to("e-2") is None
        assert ledger.open(order, event_id="e-2").order == order


def refusal(now: datetime) -> DrillRejected:
    return DrillRejected(
        id="f-1",
        time=now,
        severity="warning",
        reason="Because.",
        table=None,
        drill_id=DRILL,
        requested_by=None,
        request_reason=None,
        error="no",
    )


class TestTheBudget:
    def test_it_holds_for_those_that_are_due_only(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        ledger.open(order, budget=0.6)
        ledger.open(another(order, "d-2"), budget=0.6)
        with pytest.raises(OverBudgetError):
            ledger.open(another(order, "d-3"), budget=0.6)
        assert ledger.record_of("d-3") is None
        with pytest.raises(OverBudgetError):
            ledger.open(another(order, "d-4"), budget=0.1)
        ledger.open(another(order, "d-5"))
        book = DrillBookLedger(*ledger_at, clock=lambda: order.accepted_at)
        assert book.spent(month_of(order.accepted_at)) == 0.75

    def test_what_is_under_way_and_when_it_began_is_known(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        ledger = DrillLedger(*ledger_at)
        book = DrillBookLedger(*ledger_at, clock=lambda: order.accepted_at)
        ledger.open(order)
        assert book.last_begun() == {order.table_ref: order.accepted_at}
        assert book.busy() == Busy((DRILL,), frozenset({order.table_ref}))
        ledger.close(DRILL)
        assert book.busy() == Busy((), frozenset())

    def test_what_was_told_of_a_table_is_told_once_a_month(
        self, ledger_at: tuple[DynamoDBClient, str], order: DrillOrder
    ) -> None:
        now, table = order.accepted_at, order.table_ref
        book = DrillBookLedger(*ledger_at, clock=lambda: now)
        assert not book.was_told(table, "Drill Skipped", month_of(now))
        book.note_told(table, "Drill Skipped", now)
        assert book.was_told(table, "Drill Skipped", month_of(now))
        assert not book.was_told(table, "Drill Rejected", month_of(now))
        assert not book.was_told(table, "Drill Skipped", "2027-01")
        assert not book.was_told(replace(table, name="another"), "Drill Skipped", month_of(now))

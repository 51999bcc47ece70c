"""What the ledger records of undos, in memory as on DynamoDB."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from pitr_guardian.aws.ledger.undos import UndoLedger
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.facts.undo_facts import UndoFailed, UndoRejected
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.ports import ApprovableUndos, OpenUndos, UnansweredUndos
from pitr_guardian.undo.record import Phase, UndoRecord
from pitr_guardian.undo.telling import failed
from tests.fakes.cloudtrail import ACCOUNT
from tests.fakes.undo_ledger import FakeUndoLedger
from tests.fakes.undos import UndoWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Whole(OpenUndos, ApprovableUndos, UnansweredUndos, Protocol):
    """What all of them use together."""


def order_of(**fields: str) -> UndoOrder:
    world = UndoWorld()
    world.ask(**fields)
    [record] = world.ledger.records.values()
    return record.order


ORDER = order_of()
LATER = ORDER.accepted_at + timedelta(minutes=1)
APPROVAL = Approval(
    event_id="event-2",
    fingerprint="f" * 64,
    account=ACCOUNT,
    requested_by="anna",
    reason=None,
    approved_at=LATER,
)


def failure(phase: Phase, error: str = "Broken: so") -> UndoFailed:
    return failed(UndoRecord(ORDER, approval=APPROVAL), phase, error, LATER)


def refusal(error: str = "no") -> UndoRejected:
    return UndoRejected(
        id="1",
        time=LATER,
        severity="warning",
        reason="The undo was not planned. no.",
        plan_id="u-1",
        requested_by=None,
        request_reason=None,
        table=None,
        error=error,
    )


@pytest.fixture(params=["in memory", "on DynamoDB"])
def ledger(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, ledger_table: str) -> Whole:
    if request.param == "in memory":
        return FakeUndoLedger()
    return UndoLedger(dynamodb, ledger_table)


def open_phases(ledger: Whole) -> list[tuple[str, Phase]]:
    return list(ledger.unanswered(LATER + timedelta(days=1)))


def test_an_order_is_recorded_and_open(ledger: Whole) -> None:
    assert ledger.record_of("u-1") is None
    assert ledger.open(ORDER) == UndoRecord(ORDER)
    assert ledger.record_of("u-1") == UndoRecord(ORDER)
    assert open_phases(ledger) == [("u-1", Phase.PLAN)]
    assert list(ledger.unanswered(ORDER.accepted_at)) == []


def test_what_is_recorded_of_an_id_stays(ledger: Whole) -> None:
    ledger.open(ORDER)
    assert ledger.open(order_of(conflicts="overwrite")) == UndoRecord(ORDER)


def test_an_answered_order_that_comes_again_is_not_open_again(ledger: Whole) -> None:
    ledger.open(ORDER)
    ledger.conclude("u-1", Phase.PLAN, failure(Phase.PLAN))
    ledger.close("u-1", Phase.PLAN)
    assert ledger.open(ORDER).plan == failure(Phase.PLAN)
    assert open_phases(ledger) == []


def test_the_first_approval_stays(ledger: Whole) -> None:
    ledger.open(ORDER)
    assert ledger.approve("u-1", APPROVAL).approval == APPROVAL
    other = APPROVAL.model_copy(update={"event_id": "event-3", "requested_by": "mallory"})
    assert ledger.approve("u-1", other).approval == APPROVAL
    assert ("u-1", Phase.APPLY) in open_phases(ledger)


@pytest.mark.parametrize("phase", Phase)
def test_a_phase_has_one_answer(ledger: Whole, phase: Phase) -> None:
    ledger.open(ORDER)
    ledger.approve("u-1", APPROVAL)
    first = ledger.conclude("u-1", phase, failure(phase))
    assert first.answer_of(phase) == failure(phase)
    second = ledger.conclude("u-1", phase, failure(phase, "Other: cause"))
    assert second == first == ledger.record_of("u-1")
    ledger.close("u-1", phase)
    assert open_phases(ledger) == [("u-1", each) for each in Phase if each is not phase]


def test_the_answers_of_both_phases_are_apart(ledger: Whole) -> None:
    ledger.open(ORDER)
    ledger.approve("u-1", APPROVAL)
    ledger.conclude("u-1", Phase.APPLY, failure(Phase.APPLY))
    record = ledger.record_of("u-1")
    assert record is not None
    assert (record.plan, record.outcome) == (None, failure(Phase.APPLY))


def test_the_first_refusal_of_an_event_stays(ledger: Whole) -> None:
    assert ledger.answer_to("event-1") is None
    assert ledger.note_answer("event-1", refusal(), LATER) == refusal()
    assert ledger.note_answer("event-1", refusal("other"), LATER) == refusal()
    assert ledger.answer_to("event-1") == refusal()


def test_an_event_is_refused_or_taken_up_and_never_both(ledger: Whole) -> None:
    ledger.note_answer("event-1", refusal(), LATER)
    with pytest.raises(AnsweredMeanwhileError):
        ledger.open(ORDER, event_id="event-1")
    assert ledger.record_of("u-1") is None
    ledger.open(ORDER, event_id="event-3")
    assert ledger.note_answer("event-3", refusal(), LATER) is None
    assert ledger.open(ORDER, event_id="event-3") == UndoRecord(ORDER)


def test_an_approval_is_refused_or_taken_up_and_never_both(ledger: Whole) -> None:
    ledger.open(ORDER)
    ledger.note_answer(APPROVAL.event_id, refusal(), LATER)
    with pytest.raises(AnsweredMeanwhileError):
        ledger.approve("u-1", APPROVAL)
    other = APPROVAL.model_copy(update={"event_id": "event-4"})
    assert ledger.approve("u-1", other).approval == other
    assert ledger.note_answer("event-4", refusal(), LATER) is None

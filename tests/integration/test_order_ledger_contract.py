"""What the ledger records of orders and answers, in memory as on DynamoDB."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from pitr_guardian.aws.ledger.orders import OrderLedger
from pitr_guardian.aws.ledger.restores import RestoreLedger
from pitr_guardian.basics.ending import Ending
from pitr_guardian.basics.errors import AnsweredMeanwhileError
from pitr_guardian.facts.facts import (
    RestoreFailed,
    RestoreRejected,
)
from pitr_guardian.restore.answers import abandoned
from pitr_guardian.restore.ports import (
    Answers,
    ProgressRecord,
    Requests,
)
from pitr_guardian.restore.record import (
    RestoreRecord,
)
from tests.fakes.restores import FakeOrders, order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDER = order()
LATER = ORDER.accepted_at + timedelta(minutes=1)


class Whole(Answers, Requests, ProgressRecord, Protocol):
    """What all of them use together."""


def failure(status: str = "ABORTED") -> RestoreFailed:
    return abandoned(RestoreRecord(ORDER), Ending("arn:aws:states:x", status, LATER))


@pytest.fixture(params=["in memory", "on DynamoDB"])
def ledger(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, ledger_table: str) -> Whole:
    if request.param == "in memory":
        return FakeOrders()
    return OrderLedger(dynamodb, ledger_table)


def test_an_order_is_recorded_and_open(ledger: Whole) -> None:
    assert ledger.record_of("r-1") is None
    assert ledger.open(ORDER) == RestoreRecord(ORDER)
    assert ledger.record_of("r-1") == RestoreRecord(ORDER)
    assert list(ledger.unanswered(LATER)) == ["r-1"]
    assert list(ledger.unanswered(ORDER.accepted_at)) == []


def test_what_is_recorded_of_an_id_stays(ledger: Whole) -> None:
    ledger.open(ORDER)
    assert ledger.open(order(targetTable="orders-elsewhere")) == RestoreRecord(ORDER)


def test_a_failure_is_recorded_once_and_never_over_an_outcome(ledger: Whole) -> None:
    ledger.open(ORDER)
    assert ledger.note_failure(failure(), ORDER)
    assert not ledger.note_failure(failure("TIMED_OUT"), ORDER)
    record = ledger.record_of("r-1")
    assert record == RestoreRecord(ORDER, None, "failed", failure().detail())


def test_what_was_answered_is_not_open(ledger: Whole) -> None:
    ledger.open(ORDER)
    ledger.note_failure(failure(), ORDER)
    ledger.close("r-1")
    assert list(ledger.unanswered(LATER)) == []
    ledger.open(ORDER)
    assert list(ledger.unanswered(LATER)) == []
    ledger.close("never-open")


def test_progress_changes_no_record(ledger: Whole) -> None:
    ledger.open(ORDER)
    ledger.note_progress(ORDER, "alarms", 40, 200)
    assert ledger.record_of("r-1") == RestoreRecord(ORDER)


def test_a_call_that_was_noted_is_recorded(dynamodb: DynamoDBClient, ledger_table: str) -> None:
    orders = OrderLedger(dynamodb, ledger_table)
    orders.open(ORDER)
    RestoreLedger(dynamodb, ledger_table).note_call(ORDER, LATER)
    assert orders.record_of("r-1") == RestoreRecord(ORDER, called_at=LATER)


def answer(error: str) -> RestoreRejected:
    return RestoreRejected(
        id="f-1",
        time=LATER,
        severity="warning",
        reason="Because.",
        table=None,
        error=error,
        request_id="r-1",
        requested_by=None,
        request_reason=None,
        source_table="orders",
        target_table=None,
        restore_to="latest",
    )


def test_an_event_is_answered_or_taken_up_and_never_both(ledger: Whole) -> None:
    ledger.open(ORDER, event_id="e-1")
    assert ledger.note_answer("e-1", answer("no"), LATER) is None
    assert ledger.answer_to("e-1") is None
    assert ledger.open(ORDER, event_id="e-1") == RestoreRecord(ORDER)
    other = order(requestId="r-2")
    assert ledger.note_answer("e-2", answer("no"), LATER) == answer("no")
    with pytest.raises(AnsweredMeanwhileError):
        ledger.open(other, event_id="e-2")
    assert ledger.record_of("r-2") is None


def test_the_first_answer_to_an_event_stands(ledger: Whole) -> None:
    assert ledger.answer_to("e-1") is None
    assert ledger.note_answer("e-1", answer("no"), LATER) == answer("no")
    assert ledger.note_answer("e-1", answer("no, again"), LATER) == answer("no")
    assert ledger.answer_to("e-1") == answer("no")
    assert ledger.answer_to("e-2") is None

"""Where AWS can't remember or tell just now, every adapter says "try later", whatever is asked."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from pitr_guardian.aws.facts.bus import FactBus
from pitr_guardian.aws.ledger.members import ClosedLedger, MemberLedger
from pitr_guardian.aws.ledger.orders import OrderLedger
from pitr_guardian.aws.ledger.restores import RestoreLedger
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift import ports as drift_ports
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.fight import Verdict
from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
    Mended,
)
from pitr_guardian.facts.facts import (
    MemberClosed,
    ProtectionFailed,
    RestoreFailed,
    RestoreRejected,
    TableId,
)
from pitr_guardian.members import ports as member_ports
from pitr_guardian.members.member import Member
from pitr_guardian.restore import ports as restore_ports
from pitr_guardian.sweep import ports as sweep_ports
from pitr_guardian.tables.reference import Scope
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.fakes.restores import order

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
DRIFT = Drift(noticed_at=NOW)
SUSPECTED = Drift(
    noticed_at=NOW,
    cause=Cause(event_id="e-1", call="UpdateContinuousBackups", time=NOW, disables=True),
    suspected=True,
)
NOTED = Memory(table_id="id", period=35, seen_on_at=NOW - timedelta(days=1), drift=DRIFT)
MENDED = Mended(NOTED, NOW, 35, "It was off.", Verdict.SINGLE, 1)
FACT = ProtectionFailed(
    id="f-1",
    time=NOW,
    severity="critical",
    reason="Because.",
    table=TableId.of(ORDERS),
    actor=None,
    error="Boom",
)

FAILED = RestoreFailed(
    id="restore/r-1/failed",
    time=NOW,
    severity="critical",
    reason="Because.",
    table=TableId.of(ORDERS),
    error="Boom: it is so",
    request_id="r-1",
    requested_by=None,
    request_reason=None,
    source_table="orders",
    target_table="orders-copy",
    restore_to="latest",
)

REJECTED = RestoreRejected.model_validate(FAILED.model_dump())

Ask = Callable[[Any], Any]
LEDGER: dict[str, Ask] = {
    "recall": lambda it: it.recall(ORDERS, "id"),
    "notice": lambda it: it.notice(ORDERS, "id", DRIFT),
    "suspect": lambda it: it.suspect(ORDERS, SUSPECTED),
    "take_back": lambda it: it.take_back(ORDERS, SUSPECTED),
    "remember": lambda it: it.remember(ORDERS, NOTED),
    "note_failing": lambda it: it.note_failing(ORDERS, Failing(since=NOW, told_at=NOW)),
    "claim": lambda it: it.claim(ORDERS, DRIFT, "me", NOW),
    "settle": lambda it: it.settle(ORDERS, NOTED, FACT),
    "mend": lambda it: it.mend(ORDERS, NOTED, MENDED),
    "mended": lambda it: it.mended(ORDERS),
    "claim_mended": lambda it: it.claim_mended(ORDERS, MENDED, "me", NOW),
    "settle_mended": lambda it: it.settle_mended(ORDERS, MENDED, FACT),
    "claim_fact": lambda it: it.claim_fact(ORDERS, "f-1", "me", NOW),
    "settle_fact": lambda it: it.settle_fact(ORDERS, FACT),
    "let_expire": lambda it: it.let_expire(ORDERS, "id", NOW, NOW),
}
RESTORES: dict[str, Ask] = {
    "note_call": lambda it: it.note_call(order(), NOW),
    "forget_call": lambda it: it.forget_call(order()),
    "expect": lambda it: it.expect(ORDERS, 35, NOW),
    "expect_no_more": lambda it: it.expect_no_more(ORDERS),
}
ORDERED: dict[str, Ask] = {
    "record_of": lambda it: it.record_of("r-1"),
    "measured": lambda it: it.measured(ORDERS),
    "open": lambda it: it.open(order()),
    "answer_to": lambda it: it.answer_to("e-1"),
    "note_answer": lambda it: it.note_answer("e-1", REJECTED, NOW),
    "note_progress": lambda it: it.note_progress(order(), "alarms", 1, 2),
    "note_failure": lambda it: it.note_failure(FAILED, order()),
    "close": lambda it: it.close("r-1"),
    "unanswered": lambda it: it.unanswered(NOW),
}
SCOPE = Scope("aws", ORDERS.account, REGION)
SWEEPS: dict[str, Ask] = {
    "recall_all": lambda it: it.recall_all([ORDERS]),
    "sighted": lambda it: it.sighted(ORDERS, NOTED),
    "found_off": lambda it: it.found_off(ORDERS, NOTED, NOW),
    "last_told": lambda it: it.last_told(SCOPE),
    "note_told": lambda it: it.note_told(SCOPE, NOW),
    "last_swept": lambda it: it.last_swept(SCOPE),
    "results_of": lambda it: it.results_of("sweep-1"),
}
SHUT = MemberClosed(
    id="f-1", time=NOW, severity="critical", reason="It is closed.", account="1", error="closed"
)
MEMBERS: dict[str, Ask] = {
    "member": lambda it: it.member(SCOPE.account, SCOPE.region),
    "note_heard": lambda it: it.note_heard(SCOPE.account, SCOPE.region, NOW),
    "members": lambda it: it.members(),
    "note_silence_told": lambda it: it.note_silence_told(Member("1", "2", NOW)),
    "keep": lambda it: it.keep(SHUT),
}
CLOSED: dict[str, Ask] = {
    "closed_told_at": lambda it: it.closed_told_at(SCOPE.account),
    "forget_closed": lambda it: it.forget_closed(SCOPE.account),
    "note_closed_told": lambda it: it.note_closed_told(SCOPE.account, NOW),
    "keep_closed": lambda it: it.keep_closed(SHUT),
}
ASKED = [
    *((DynamoLedger, name, ask) for name, ask in LEDGER.items()),
    *((RestoreLedger, name, ask) for name, ask in RESTORES.items()),
    *((OrderLedger, name, ask) for name, ask in ORDERED.items()),
    *((SweepLedger, name, ask) for name, ask in SWEEPS.items()),
    *((MemberLedger, name, ask) for name, ask in MEMBERS.items()),
    *((ClosedLedger, name, ask) for name, ask in CLOSED.items()),
]
PROMISED: dict[Any, tuple[type, ...]] = {
    DynamoLedger: (drift_ports.Ledger, drift_ports.DeletionRecord),
    RestoreLedger: (restore_ports.CallRecord,),
    OrderLedger: (
        restore_ports.RestoreRecords,
        restore_ports.Requests,
        restore_ports.ProgressRecord,
        restore_ports.Answers,
    ),
    SweepLedger: (sweep_ports.Sightings, sweep_ports.Warnings, sweep_ports.Results),
    MemberLedger: (member_ports.Register, member_ports.Roll),
    ClosedLedger: (member_ports.ClosedNotes,),
}


def answered(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Whatever")


def cancelled(*codes: str) -> ClientError:
    error = answered("TransactionCanceledException", 400)
    error.response["CancellationReasons"] = [{"Code": code} for code in codes]
    return error


PASSING = [
    answered("InternalServerError", 500),
    answered("Whatever", 503),
    answered("ThrottlingException", 400),
    answered("ProvisionedThroughputExceededException", 400),
    answered("RequestLimitExceeded", 400),
    answered("TransactionConflictException", 400),
    EndpointConnectionError(endpoint_url="https://aws"),
    ReadTimeoutError(endpoint_url="https://aws"),
    ResponseParserError("<html>Bad Gateway</html>"),
]
FINAL = [
    answered("AccessDeniedException", 400),
    answered("ResourceNotFoundException", 400),
    answered("ValidationException", 400),
]


def failing(service: str, error: Exception) -> Any:
    """A client whose every call ends like this."""

    def fail(**_: Any) -> None:
        raise error

    client: Any = boto3.client(
        service,  # type: ignore[call-overload]
        region_name=REGION,
        config=Config(retries={"total_max_attempts": 1}),
    )
    client.meta.events.register("before-send", fail)
    return client


@pytest.mark.parametrize("adapter", PROMISED)
def test_every_question_is_asked_below(adapter: type) -> None:
    promised = {
        name
        for protocol in PROMISED[adapter]
        for name, _ in inspect.getmembers(protocol, inspect.isfunction)
        if not name.startswith("_")
    }
    assert {name for each, name, _ in ASKED if each is adapter} == promised


@pytest.mark.parametrize(("adapter", "name", "ask"), ASKED, ids=[name for _, name, _ in ASKED])
def test_a_ledger_that_is_away_is_to_be_asked_later(
    adapter: Callable[[Any, str], Any], name: str, ask: Ask
) -> None:
    for error in PASSING:
        with pytest.raises(TryLaterError):
            ask(adapter(failing("dynamodb", error), "ledger"))
    for error in FINAL:
        with pytest.raises(ClientError):
            ask(adapter(failing("dynamodb", error), "ledger"))


@pytest.mark.parametrize(
    "codes",
    [
        ("TransactionConflict", "None"),
        ("None", "ThrottlingError"),
        ("ProvisionedThroughputExceeded", "TransactionConflict"),
    ],
)
def test_a_transaction_that_was_cancelled_in_passing_is_to_be_tried_later(
    codes: tuple[str, ...],
) -> None:
    ledger = DynamoLedger(failing("dynamodb", cancelled(*codes)), "ledger")
    with pytest.raises(TryLaterError):
        ledger.settle_fact(ORDERS, FACT)


def test_a_transaction_that_was_cancelled_for_good_is_not() -> None:
    error = cancelled("TransactionConflict", "ValidationError")
    with pytest.raises(ClientError):
        DynamoLedger(failing("dynamodb", error), "ledger").settle_fact(ORDERS, FACT)


def test_a_bus_that_is_away_is_to_be_told_later() -> None:
    for error in PASSING:
        client = failing("events", error)
        with pytest.raises(TryLaterError):
            FactBus(lambda client=client: client, "facts").publish(FACT)  # type: ignore[misc]

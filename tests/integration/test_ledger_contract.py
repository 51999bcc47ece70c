"""What ``drift.ports.Ledger`` promises, kept by the fake and by the ledger that ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from boto3.dynamodb.types import TypeDeserializer
from botocore.stub import Stubber

from pitr_guardian.aws.ledger.restores import RestoreLedger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.change import Cause
from pitr_guardian.drift.fight import (
    Strife,
    Verdict,
)
from pitr_guardian.drift.memory import (
    Drift,
    Failing,
    Memory,
    Mended,
    PutRight,
)
from pitr_guardian.drift.ports import (
    DeletionRecord,
    Ledger,
)
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    ProtectionFailed,
    TableId,
)
from pitr_guardian.restore.ports import CallRecord
from pitr_guardian.tables.observation import Window
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.ledger import FakeLedger
from tests.fakes.restores import order

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 10, 5, 12, 0, 0, 123000, UTC)
CAUSE = Cause(
    event_id="e-1",
    call="UpdateContinuousBackups",
    time=NOON,
    actor=Actor(arn="arn:aws:iam::111122223333:user/\u00e4lice", tool="CLI"),
    disables=True,
)
OFF = Drift(noticed_at=NOON, cause=CAUSE)
SUSPECTED = Drift(noticed_at=NOON, cause=CAUSE, suspected=True)
LATER_OFF = Drift(noticed_at=NOON + timedelta(seconds=9))
SHORT = Drift(noticed_at=NOON, period=7)
KNOWN = Memory(
    table_id="id-1",
    period=14,
    window=Window(NOON - timedelta(days=14), NOON - timedelta(minutes=5)),
    seen_on_at=NOON - timedelta(minutes=1),
    tolerated=SHORT,
    last_event_id="e-0",
    strife=Strife((NOON - timedelta(minutes=9), NOON), folded_until=NOON + timedelta(hours=1)),
    expected=True,
    seen_period=7,
    born_at=NOON - timedelta(days=90),
    exempt_until=date(2026, 12, 31),
    found_off_at=NOON - timedelta(minutes=2),
)


class Whole(Ledger, DeletionRecord, CallRecord, Protocol):
    """What all of them use together."""


class Shipped(DynamoLedger, RestoreLedger):
    """The ledger's adapters in one, as the fake is."""


@dataclass(frozen=True)
class Subject:
    """A ledger, and a look at what is kept in it, and for how long."""

    ledger: Whole
    incidents: Callable[[], list[dict[str, Any]]]
    expires_at: Callable[[], datetime | None]
    """Until when what is remembered is kept, to the second; None for good."""


@pytest.fixture(params=["fake", "dynamodb"])
def subject(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, ledger_table: str) -> Subject:
    if request.param == "fake":
        fake = FakeLedger()
        return Subject(
            fake,
            lambda: [fact.detail() for fact in fake.incidents(ORDERS)],
            lambda: fake.expires_at(ORDERS),
        )
    return Subject(
        Shipped(dynamodb, ledger_table),
        lambda: stored_incidents(dynamodb),
        lambda: stored_expiry(dynamodb),
    )


def stored_incidents(dynamodb: DynamoDBClient) -> list[dict[str, Any]]:
    answer = dynamodb.query(
        TableName="ledger",
        KeyConditionExpression="pk = :table AND begins_with(sk, :incident)",
        ExpressionAttributeValues={":table": {"S": ORDERS.arn}, ":incident": {"S": "incident#"}},
    )
    read = TypeDeserializer().deserialize
    return [json.loads(read(item["detail"])) for item in answer["Items"]]


def stored_expiry(dynamodb: DynamoDBClient) -> datetime | None:
    key = {"pk": {"S": ORDERS.arn}, "sk": {"S": "memory"}}
    item = dynamodb.get_item(TableName="ledger", Key=key).get("Item", {})
    return datetime.fromtimestamp(int(item["expiresAt"]["N"]), UTC) if "expiresAt" in item else None


@pytest.fixture
def ledger(subject: Subject) -> Whole:
    return subject.ledger


def fact(number: int = 1) -> ProtectionFailed:
    return ProtectionFailed(
        id=f"f-{number}",
        time=NOON + timedelta(seconds=number),
        severity="critical",
        reason="Because.",
        table=TableId.of(ORDERS),
        actor=None,
        error="Boom",
    )


# ---- Remember and recall ----------------------------------------------------------------------


def test_of_a_table_never_seen_nothing_is_remembered(ledger: Whole) -> None:
    assert ledger.recall(ORDERS, "id-1") == Memory(table_id="id-1")


def test_what_is_remembered_is_recalled(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert ledger.recall(ORDERS, "id-1") == KNOWN


def test_instants_are_kept_to_the_millisecond(ledger: Whole) -> None:
    ledger.remember(ORDERS, replace(KNOWN, seen_on_at=NOON + timedelta(microseconds=999)))
    assert ledger.recall(ORDERS, "id-1").seen_on_at == NOON


def test_what_is_not_known_any_more_is_forgotten(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    less = Memory(table_id="id-1", period=14, seen_on_at=KNOWN.seen_on_at)
    ledger.remember(ORDERS, less)
    assert ledger.recall(ORDERS, "id-1") == less


def test_an_older_look_does_not_overwrite_what_a_newer_one_saw(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    older = NOON - timedelta(minutes=2)
    ledger.remember(ORDERS, replace(KNOWN, period=7, seen_on_at=older, last_event_id=None))
    assert ledger.recall(ORDERS, "id-1") == KNOWN


def test_tables_are_remembered_apart(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    replica = ORDERS.replica_in("eu-west-1")
    assert ledger.recall(replica, "id-1") == Memory(table_id="id-1")


def test_a_new_table_of_the_same_name_inherits_nothing(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert ledger.recall(ORDERS, "id-2") == Memory(table_id="id-2")


def test_where_the_id_is_unknown_all_is_recalled(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert ledger.recall(ORDERS, None) == KNOWN


def test_remembering_a_new_table_forgets_the_drift_of_the_old_one(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    new = Memory(table_id="id-2", period=35, seen_on_at=NOON)
    ledger.remember(ORDERS, new)
    assert ledger.recall(ORDERS, "id-2") == new


# ---- Drift ------------------------------------------------------------------------------------


def test_drift_is_noticed_and_the_rest_is_told(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    noted = replace(KNOWN, drift=OFF)
    assert ledger.notice(ORDERS, "id-1", OFF) == noted
    assert ledger.recall(ORDERS, "id-1") == noted


def test_drift_is_noticed_on_a_table_never_seen(ledger: Whole) -> None:
    assert ledger.notice(ORDERS, "id-1", OFF) == Memory(table_id="id-1", drift=OFF)


def test_drift_that_is_noted_already_stays_as_it_is(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.notice(ORDERS, "id-1", LATER_OFF).drift == OFF
    assert ledger.recall(ORDERS, "id-1").drift == OFF


def test_a_suspicion_is_noted_and_the_rest_is_told(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert ledger.suspect(ORDERS, SUSPECTED) == replace(KNOWN, drift=SUSPECTED)
    assert ledger.recall(ORDERS, "id-1") == replace(KNOWN, drift=SUSPECTED)


def test_of_a_table_that_is_not_known_nothing_is_suspected(ledger: Whole) -> None:
    assert ledger.suspect(ORDERS, SUSPECTED) is None
    ledger.remember(ORDERS, replace(KNOWN, table_id=None))
    assert ledger.suspect(ORDERS, SUSPECTED) is None
    assert ledger.recall(ORDERS, None).drift is None


def test_what_happened_no_later_than_pitr_was_seen_on_is_not_suspected(ledger: Whole) -> None:
    ledger.remember(ORDERS, replace(KNOWN, seen_on_at=CAUSE.time))
    assert ledger.suspect(ORDERS, SUSPECTED) is None
    assert ledger.recall(ORDERS, "id-1").drift is None


def test_beside_a_noted_drift_nothing_is_suspected(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.notice(ORDERS, "id-1", SHORT)
    assert ledger.suspect(ORDERS, SUSPECTED) is None
    assert ledger.recall(ORDERS, "id-1").drift == SHORT


def test_a_suspicion_keeps_no_deleted_table_in_mind(subject: Subject) -> None:
    subject.ledger.remember(ORDERS, KNOWN)
    subject.ledger.let_expire(ORDERS, "id-1", NOON, NOON)
    before = subject.expires_at()
    assert subject.ledger.suspect(ORDERS, SUSPECTED) is None
    assert subject.expires_at() == before is not None


def test_a_suspicion_is_claimed_and_settled_like_any_drift(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    assert ledger.claim(ORDERS, SUSPECTED.confirmed, "m-1", NOON)
    assert not ledger.claim(ORDERS, SUSPECTED, "m-2", NOON)
    ledger.settle(ORDERS, KNOWN, fact(), SUSPECTED.confirmed)
    assert ledger.recall(ORDERS, "id-1") == KNOWN


def test_a_suspicion_is_taken_back(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    ledger.take_back(ORDERS, SUSPECTED)
    assert ledger.recall(ORDERS, "id-1") == KNOWN
    ledger.take_back(ORDERS, SUSPECTED)
    assert ledger.suspect(ORDERS, SUSPECTED) is not None


def test_whoever_finds_pitr_off_confirms_a_suspicion_and_nobody_takes_it_back(
    ledger: Whole,
) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    assert ledger.notice(ORDERS, "id-1", LATER_OFF) == replace(KNOWN, drift=OFF)
    ledger.take_back(ORDERS, SUSPECTED)
    assert ledger.recall(ORDERS, "id-1").drift == OFF


def test_whoever_finds_something_else_confirms_no_suspicion(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    assert ledger.notice(ORDERS, "id-1", SHORT).drift == SUSPECTED
    assert ledger.recall(ORDERS, "id-1").drift == SUSPECTED


def test_a_suspicion_whose_telling_is_claimed_is_not_taken_back(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    ledger.claim(ORDERS, SUSPECTED, "m-1", NOON)
    ledger.take_back(ORDERS, SUSPECTED)
    assert ledger.recall(ORDERS, "id-1").drift == SUSPECTED


def test_only_the_suspicion_that_is_meant_is_taken_back(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.suspect(ORDERS, SUSPECTED)
    earlier = SUSPECTED.model_copy(update={"noticed_at": NOON - timedelta(seconds=9)})
    ledger.take_back(ORDERS, earlier)
    assert ledger.recall(ORDERS, "id-1").drift == SUSPECTED


def test_drift_found_before_pitr_was_seen_on_is_not_noted(ledger: Whole) -> None:
    known = replace(KNOWN, seen_on_at=NOON)
    ledger.remember(ORDERS, known)
    assert ledger.notice(ORDERS, "id-1", OFF) == known
    assert ledger.recall(ORDERS, "id-1") == known


def test_drift_of_a_new_table_is_noted_whatever_was_seen_of_the_old_one(
    ledger: Whole,
) -> None:
    ledger.remember(ORDERS, replace(KNOWN, seen_on_at=NOON + timedelta(hours=1)))
    assert ledger.notice(ORDERS, "id-2", OFF) == Memory(table_id="id-2", drift=OFF)
    assert ledger.recall(ORDERS, "id-2") == Memory(table_id="id-2", drift=OFF)


def test_drift_of_a_new_table_replaces_the_old_ones(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.notice(ORDERS, "id-2", LATER_OFF).drift == LATER_OFF


def test_where_the_id_is_unknown_drift_is_noted_and_nothing_forgotten(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert ledger.notice(ORDERS, None, OFF) == replace(KNOWN, drift=OFF)


def test_remembering_settles_no_drift(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.remember(ORDERS, KNOWN)
    assert ledger.recall(ORDERS, "id-1") == replace(KNOWN, drift=OFF)


# ---- Claims -----------------------------------------------------------------------------------


def test_only_one_claims_a_drift(ledger: Whole) -> None:
    drift = ledger.notice(ORDERS, "id-1", OFF).drift
    assert drift is not None
    assert ledger.claim(ORDERS, drift, "m-1", NOON)
    assert not ledger.claim(ORDERS, drift, "m-2", NOON)


def test_a_claim_can_be_taken_again_by_its_claimant(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON + timedelta(seconds=1))


def test_a_claim_can_be_taken_by_anybody_once_it_is_stale(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON)
    stale = NOON + timedelta(minutes=2)
    assert not ledger.claim(ORDERS, OFF, "m-2", stale)
    assert ledger.claim(ORDERS, OFF, "m-2", stale + timedelta(milliseconds=1))
    assert not ledger.claim(ORDERS, OFF, "m-1", stale + timedelta(seconds=1))


def test_nobody_claims_what_is_not_noted(ledger: Whole) -> None:
    assert not ledger.claim(ORDERS, OFF, "m-1", NOON)
    ledger.notice(ORDERS, "id-1", OFF)
    assert not ledger.claim(ORDERS, LATER_OFF, "m-1", NOON)


def test_noticing_again_keeps_the_claim(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON)
    ledger.notice(ORDERS, "id-1", LATER_OFF)
    assert not ledger.claim(ORDERS, OFF, "m-2", NOON)


def test_a_claim_on_the_old_table_is_none_on_the_new(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON)
    ledger.notice(ORDERS, "id-2", OFF)
    assert ledger.claim(ORDERS, OFF, "m-2", NOON)


def test_drift_noted_by_an_earlier_release_can_be_claimed(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    """What is stored was written before the model of a drift or its cause grew a field."""
    ledger = DynamoLedger(dynamodb, ledger_table)
    ledger.notice(ORDERS, "id-1", OFF)
    earlier = json.loads(OFF.model_dump_json(by_alias=True))
    del earlier["cause"]["disables"]
    dynamodb.update_item(
        TableName=ledger_table,
        Key={"pk": {"S": ORDERS.arn}, "sk": {"S": "memory"}},
        UpdateExpression="SET drift = :earlier",
        ExpressionAttributeValues={":earlier": {"S": json.dumps(earlier)}},
    )
    drift = ledger.notice(ORDERS, "id-1", LATER_OFF).drift
    assert drift is not None
    assert drift.noticed_at == OFF.noticed_at
    assert ledger.claim(ORDERS, drift, "m-1", NOON)


# ---- Settling ---------------------------------------------------------------------------------


def test_settling_forgets_the_drift_and_keeps_what_was_told(subject: Subject) -> None:
    ledger = subject.ledger
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.claim(ORDERS, OFF, "m-1", NOON)
    ledger.settle(ORDERS, replace(KNOWN, drift=OFF), told=fact())
    assert ledger.recall(ORDERS, "id-1") == KNOWN
    assert subject.incidents() == [fact().detail()]


def test_settling_can_happen_without_anything_to_tell(subject: Subject) -> None:
    subject.ledger.notice(ORDERS, "id-1", OFF)
    subject.ledger.settle(ORDERS, KNOWN, told=None)
    assert subject.ledger.recall(ORDERS, "id-1") == KNOWN
    assert subject.incidents() == []


def test_what_is_settled_cannot_be_claimed(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.settle(ORDERS, KNOWN, told=None)
    assert not ledger.claim(ORDERS, OFF, "m-1", NOON)


def test_after_settling_the_next_drift_is_noticed_and_claimed_afresh(ledger: Whole) -> None:
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.claim(ORDERS, OFF, "m-1", NOON)
    ledger.settle(ORDERS, KNOWN, told=fact())
    assert ledger.notice(ORDERS, "id-1", LATER_OFF).drift == LATER_OFF
    assert ledger.claim(ORDERS, LATER_OFF, "m-2", NOON)


def test_every_incident_is_kept_in_order_and_once(subject: Subject) -> None:
    for number in (1, 2, 2):
        subject.ledger.settle(ORDERS, KNOWN, told=fact(number))
    told = [incident["id"] for incident in subject.incidents()]
    assert sorted(set(told)) == ["f-1", "f-2"]
    assert told == sorted(told)


# ---- Facts that are told once -----------------------------------------------------------------


def test_only_one_claims_a_fact(ledger: Whole) -> None:
    assert ledger.claim_fact(ORDERS, "f-1", "m-1", NOON)
    assert not ledger.claim_fact(ORDERS, "f-1", "m-2", NOON)
    assert ledger.claim_fact(ORDERS, "f-2", "m-2", NOON)
    assert ledger.claim_fact(ORDERS.replica_in("eu-west-1"), "f-1", "m-2", NOON)


def test_a_claim_of_a_fact_can_be_taken_again_by_its_claimant(ledger: Whole) -> None:
    assert ledger.claim_fact(ORDERS, "f-1", "m-1", NOON)
    assert ledger.claim_fact(ORDERS, "f-1", "m-1", NOON + timedelta(seconds=1))


def test_a_claim_of_a_fact_can_be_taken_by_anybody_once_it_is_stale(ledger: Whole) -> None:
    assert ledger.claim_fact(ORDERS, "f-1", "m-1", NOON)
    stale = NOON + timedelta(minutes=2)
    assert not ledger.claim_fact(ORDERS, "f-1", "m-2", stale)
    assert ledger.claim_fact(ORDERS, "f-1", "m-2", stale + timedelta(milliseconds=1))


def test_a_fact_that_was_told_is_claimed_by_nobody_any_more(subject: Subject) -> None:
    ledger = subject.ledger
    ledger.claim_fact(ORDERS, fact().id, "m-1", NOON)
    ledger.settle_fact(ORDERS, fact())
    later = NOON + timedelta(days=1)
    assert not ledger.claim_fact(ORDERS, fact().id, "m-1", later)
    assert not ledger.claim_fact(ORDERS, fact().id, "m-2", later)
    assert subject.incidents() == [fact().detail()]


def test_claims_of_facts_and_what_is_remembered_do_not_touch(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.claim_fact(ORDERS, fact().id, "m-1", NOON)
    ledger.settle_fact(ORDERS, fact())
    assert ledger.recall(ORDERS, "id-1") == KNOWN
    ledger.expect(ORDERS, 9, NOON)
    assert not ledger.claim_fact(ORDERS, fact().id, "m-1", NOON)


# ---- Restores ---------------------------------------------------------------------------------


def test_a_call_that_was_noted_is_told_until_it_is_forgotten(ledger: Whole) -> None:
    assert ledger.note_call(order(), NOON) is None
    assert ledger.note_call(order(), NOON + timedelta(minutes=1)) == NOON
    assert ledger.note_call(order(), NOON + timedelta(minutes=2)) == NOON
    ledger.forget_call(order())
    assert ledger.note_call(order(), NOON + timedelta(minutes=3)) is None


def test_calls_of_different_requests_are_noted_apart(ledger: Whole) -> None:
    ledger.note_call(order(requestId="r-1"), NOON)
    assert ledger.note_call(order(requestId="r-2"), NOON) is None


def test_settling_one_drift_leaves_another_that_was_noted_since(subject: Subject) -> None:
    ledger = subject.ledger
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.settle(ORDERS, Memory(table_id="id-1", period=9), told=None)
    ledger.notice(ORDERS, "id-1", LATER_OFF)
    ledger.settle(ORDERS, Memory(table_id="id-1", period=14), fact(), OFF)
    assert ledger.recall(ORDERS, "id-1") == Memory(table_id="id-1", period=9, drift=LATER_OFF)
    assert subject.incidents() == [fact().detail()]
    ledger.settle(ORDERS, Memory(table_id="id-1", period=14), fact(2), LATER_OFF)
    assert ledger.recall(ORDERS, "id-1") == Memory(table_id="id-1", period=14)


def test_settling_one_drift_leaves_what_is_known_since_a_later_one_was_settled(
    subject: Subject,
) -> None:
    ledger = subject.ledger
    since = replace(KNOWN, seen_on_at=NOON + timedelta(minutes=1), period=9)
    ledger.notice(ORDERS, "id-1", OFF)
    ledger.settle(ORDERS, since, told=None)
    ledger.settle(ORDERS, replace(KNOWN, seen_on_at=NOON), fact(), OFF)
    assert ledger.recall(ORDERS, "id-1") == since
    assert subject.incidents() == [fact().detail()]


def test_how_a_drift_was_put_right_is_remembered_with_it_until_it_is_settled(
    ledger: Whole,
) -> None:
    put_right = PutRight(at=NOON, by=NOON + timedelta(seconds=1), period=9, reason="It is on.")
    ledger.notice(ORDERS, "id-1", OFF)
    assert ledger.claim(ORDERS, OFF, "m-1", NOON, put_right)
    assert not ledger.claim(ORDERS, OFF, "m-2", NOON)
    assert ledger.notice(ORDERS, "id-1", LATER_OFF).put_right == put_right
    ledger.settle(ORDERS, KNOWN, fact(), OFF)
    assert ledger.notice(ORDERS, "id-1", LATER_OFF).put_right is None


# ---- Expecting --------------------------------------------------------------------------------


def test_a_period_can_be_expected_of_a_table_that_is_about_to_be_born(ledger: Whole) -> None:
    ledger.expect(ORDERS, 9, NOON)
    assert ledger.recall(ORDERS, "id-7") == Memory(table_id="id-7", period=9, expected=True)


def test_what_was_expected_is_still_known_when_the_newborns_drift_is_noticed(
    ledger: Whole,
) -> None:
    ledger.expect(ORDERS, 9, NOON)
    expected = Memory(table_id="id-7", period=9, expected=True, drift=OFF)
    assert ledger.notice(ORDERS, "id-7", OFF) == expected
    assert ledger.recall(ORDERS, "id-7") == expected


def test_what_is_expected_is_the_first_tables_that_is_seen_and_no_others(ledger: Whole) -> None:
    ledger.expect(ORDERS, 9, NOON)
    assert ledger.recall(ORDERS, "id-7").expected
    assert ledger.recall(ORDERS, "id-8") == Memory(table_id="id-8")
    ledger.expect_no_more(ORDERS)
    assert ledger.recall(ORDERS, "id-7").expected


def test_a_table_that_is_not_coming_is_expected_no_more(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.expect(ORDERS, 9, NOON)
    ledger.expect_no_more(ORDERS)
    ledger.expect_no_more(ORDERS)
    assert ledger.recall(ORDERS, "id-7") == Memory(table_id="id-7")
    assert ledger.recall(ORDERS, "id-1") == KNOWN


def test_expecting_a_table_takes_nothing_from_what_is_remembered_of_an_earlier_one(
    ledger: Whole,
) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.expect(ORDERS, 9, NOON)
    assert ledger.recall(ORDERS, "id-1") == KNOWN
    assert ledger.recall(ORDERS, "id-7") == Memory(table_id="id-7", period=9, expected=True)


# ---- Several tables of one name ---------------------------------------------------------------

BORN = NOON + timedelta(minutes=5)


def test_what_is_remembered_of_a_table_outlives_it_and_those_of_its_name_after_it(
    ledger: Whole,
) -> None:
    ledger.remember(ORDERS, KNOWN)
    second = Memory(table_id="id-2", period=3, seen_on_at=NOON)
    ledger.remember(ORDERS, second)
    ledger.notice(ORDERS, "id-3", OFF)
    assert ledger.recall(ORDERS, "id-1") == KNOWN
    assert ledger.recall(ORDERS, "id-2") == second
    assert ledger.recall(ORDERS, "id-3") == Memory(table_id="id-3", drift=OFF)


def test_what_is_remembered_by_name_only_is_not_the_heirs(ledger: Whole) -> None:
    nameless = replace(KNOWN, table_id=None)
    ledger.remember(ORDERS, nameless)
    assert ledger.recall(ORDERS, "id-1", NOON - timedelta(days=9)).period == KNOWN.period
    heir = Memory(table_id="id-2", born_at=BORN)
    assert ledger.recall(ORDERS, "id-2", BORN) == heir
    later = OFF.model_copy(update={"noticed_at": BORN + timedelta(seconds=9)})
    assert ledger.notice(ORDERS, "id-2", later, BORN) == replace(heir, drift=later)
    assert ledger.recall(ORDERS, "id-2", BORN) == replace(heir, drift=later)


def test_remembering_an_heir_inherits_nothing_of_what_is_known_by_name_only(
    ledger: Whole,
) -> None:
    ledger.remember(ORDERS, replace(KNOWN, table_id=None))
    heir = Memory(table_id="id-2", born_at=BORN, period=35, seen_on_at=BORN)
    ledger.remember(ORDERS, heir)
    assert ledger.recall(ORDERS, "id-2", BORN) == heir


# ---- What was put right and isn't told yet ----------------------------------------------------

MENDED = Mended(
    before=replace(KNOWN, drift=OFF),
    at=NOON + timedelta(seconds=2),
    period=14,
    reason="PITR was off; it is on now, with 14 days.",
    verdict=Verdict.FIGHT,
    count=3,
)


def mended(ledger: Ledger, waiting: Mended = MENDED) -> Ledger:
    ledger.notice(ORDERS, "id-1", waiting.drift)
    ledger.claim(ORDERS, waiting.drift, "m-1", NOON)
    ledger.mend(ORDERS, replace(waiting.before, drift=None, seen_on_at=waiting.at), waiting)
    return ledger


def test_what_is_mended_waits_and_is_drift_no_more(ledger: Ledger) -> None:
    assert list(mended(ledger).mended(ORDERS)) == [MENDED]
    memory = ledger.recall(ORDERS, "id-1")
    assert memory.drift is None
    assert memory.seen_on_at == MENDED.at


def test_nothing_waits_of_a_table_without_drift(ledger: Ledger) -> None:
    ledger.remember(ORDERS, KNOWN)
    assert list(ledger.mended(ORDERS)) == []


def test_mended_drifts_wait_side_by_side_oldest_first(ledger: Ledger) -> None:
    later = replace(MENDED, before=replace(MENDED.before, drift=LATER_OFF))
    mended(mended(ledger, later))
    assert list(ledger.mended(ORDERS)) == [MENDED, later]


def test_mending_twice_is_mending_once(ledger: Ledger) -> None:
    assert list(mended(mended(ledger)).mended(ORDERS)) == [MENDED]


def test_only_one_claims_a_mended_drift_until_the_claim_is_stale(ledger: Ledger) -> None:
    mended(ledger)
    assert ledger.claim_mended(ORDERS, MENDED, "m-2", NOON)
    assert ledger.claim_mended(ORDERS, MENDED, "m-2", NOON)
    assert not ledger.claim_mended(ORDERS, MENDED, "m-3", NOON + timedelta(minutes=1))
    assert ledger.claim_mended(ORDERS, MENDED, "m-3", NOON + timedelta(minutes=3))


def test_what_was_told_waits_no_more(subject: Subject) -> None:
    mended(subject.ledger)
    subject.ledger.settle_mended(ORDERS, MENDED, fact())
    assert list(subject.ledger.mended(ORDERS)) == []
    assert not subject.ledger.claim_mended(ORDERS, MENDED, "m-3", NOON + timedelta(minutes=3))
    assert subject.incidents() == [fact().detail()]


# ---- Two writes at once -----------------------------------------------------------------------

CONFLICT = "TransactionConflictException"


def conflicts(dynamodb: DynamoDBClient, times: int) -> Stubber:
    stubber = Stubber(dynamodb)
    for _ in range(times):
        stubber.add_client_error(
            "transact_write_items",
            "TransactionCanceledException",
            modeled_fields={"CancellationReasons": [{"Code": "TransactionConflict"}]},
        )
    return stubber


def test_a_transaction_that_met_another_write_is_tried_again(dynamodb: DynamoDBClient) -> None:
    with conflicts(dynamodb, times=3) as stubber:
        stubber.add_response("transact_write_items", {})
        DynamoLedger(dynamodb, "ledger").settle(ORDERS, KNOWN, fact())
        stubber.assert_no_pending_responses()


def test_a_transaction_that_always_meets_another_write_is_for_later(
    dynamodb: DynamoDBClient,
) -> None:
    with conflicts(dynamodb, times=4), pytest.raises(TryLaterError, match="TransactionCanceled"):
        DynamoLedger(dynamodb, "ledger").settle(ORDERS, KNOWN, fact())


def test_a_note_that_met_a_transaction_is_to_be_made_later(dynamodb: DynamoDBClient) -> None:
    ledger = DynamoLedger(dynamodb, "ledger")
    for write in (
        lambda: ledger.notice(ORDERS, "id-1", OFF),
        lambda: ledger.remember(ORDERS, KNOWN),
        lambda: ledger.claim(ORDERS, OFF, "m-1", NOON),
    ):
        with Stubber(dynamodb) as stubber:
            stubber.add_client_error("update_item", CONFLICT)
            with pytest.raises(TryLaterError, match=CONFLICT):
                write()


# ---- How long it is kept ----------------------------------------------------------------------


def test_what_is_told_is_kept_for_400_days(dynamodb: DynamoDBClient, ledger_table: str) -> None:
    ledger = DynamoLedger(dynamodb, ledger_table)
    told = fact()
    ledger.settle(ORDERS, KNOWN, told=told)
    ledger.claim_fact(ORDERS, "f-9", "m-1", NOON)
    ledger.mend(ORDERS, KNOWN, MENDED)
    items = dynamodb.scan(TableName=ledger_table)["Items"]
    kept = {
        item["sk"]["S"].partition("#")[0]: int(item["expiresAt"]["N"])
        for item in items
        if "expiresAt" in item
    }
    assert kept == {
        "incident": int((told.time + timedelta(days=400)).timestamp()),
        "told": int((NOON + timedelta(days=400)).timestamp()),
        "mended": int((MENDED.at + timedelta(days=400)).timestamp()),
    }


# ---- Tables that are gone ---------------------------------------------------------------------

DELETED = NOON + timedelta(hours=1)
FAILING = Failing(since=NOON, told_at=NOON + timedelta(days=1))
HANDLED = datetime(2026, 10, 5, 13, 2, tzinfo=UTC)
UNTIL = HANDLED + timedelta(days=400)
BY_NAME = replace(KNOWN, table_id=None)


@pytest.mark.parametrize("held", [KNOWN, BY_NAME, Memory(born_at=NOON)])
@pytest.mark.parametrize("table_id", ["id-1", None])
def test_a_deleted_table_is_forgotten_after_what_may_be_asked_of_it(
    subject: Subject, held: Memory, table_id: str | None
) -> None:
    subject.ledger.remember(ORDERS, held)
    assert subject.expires_at() is None
    subject.ledger.let_expire(ORDERS, table_id, DELETED, HANDLED)
    assert subject.expires_at() == UNTIL
    assert subject.ledger.recall(ORDERS, None) == held


def test_the_deleted_tables_own_id_says_more_than_any_time(subject: Subject) -> None:
    subject.ledger.remember(ORDERS, replace(KNOWN, seen_on_at=DELETED + timedelta(seconds=1)))
    subject.ledger.let_expire(ORDERS, "id-1", DELETED, HANDLED)
    assert subject.expires_at() == UNTIL


AFTER = DELETED + timedelta(milliseconds=1)
HEIRS = {
    "of another id": ("id-0", KNOWN),
    "seen since, of an id": (None, replace(KNOWN, seen_on_at=AFTER)),
    "seen since, by name": ("id-1", replace(BY_NAME, seen_on_at=AFTER)),
    "born since": (None, Memory(table_id="id-2", born_at=AFTER)),
    "nobody knows when": (None, Memory(table_id="id-2", period=14)),
    "nobody knows anything": ("id-1", Memory(period=14)),
}


@pytest.mark.parametrize(("deleted", "held"), HEIRS.values(), ids=HEIRS)
def test_a_deletion_that_is_heard_of_late_makes_no_heir_forgotten(
    subject: Subject, deleted: str | None, held: Memory
) -> None:
    subject.ledger.remember(ORDERS, held)
    subject.ledger.let_expire(ORDERS, deleted, DELETED, HANDLED)
    assert subject.expires_at() is None


def test_drift_that_was_noticed_since_is_an_heirs(subject: Subject) -> None:
    subject.ledger.remember(ORDERS, BY_NAME)
    subject.ledger.notice(ORDERS, None, Drift(noticed_at=AFTER))
    subject.ledger.let_expire(ORDERS, None, DELETED, HANDLED)
    assert subject.expires_at() is None


def test_of_a_table_that_was_never_heard_of_nothing_is_kept(ledger: Whole) -> None:
    ledger.let_expire(ORDERS, "id-1", DELETED, HANDLED)
    ledger.let_expire(ORDERS, None, DELETED, HANDLED)
    assert ledger.recall(ORDERS, None) == Memory()


def test_what_expires_is_put_by_for_as_long_when_the_name_has_an_heir(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    ledger = DynamoLedger(dynamodb, ledger_table)
    ledger.remember(ORDERS, KNOWN)
    ledger.let_expire(ORDERS, "id-1", DELETED, HANDLED)
    heir = Memory(table_id="id-2", seen_on_at=AFTER, born_at=AFTER)
    ledger.remember(ORDERS, heir)
    assert stored_expiry(dynamodb) is None
    key = {"pk": {"S": ORDERS.arn}, "sk": {"S": "former#id-1"}}
    former = dynamodb.get_item(TableName=ledger_table, Key=key)["Item"]
    assert int(former["expiresAt"]["N"]) == int((AFTER + timedelta(days=400)).timestamp())


SEEN_AGAIN: dict[str, Callable[[Whole], object]] = {
    "notice": lambda ledger: ledger.notice(ORDERS, "id-1", LATER_OFF),
    "notice, by name": lambda ledger: ledger.notice(ORDERS, None, LATER_OFF),
    "remember": lambda ledger: ledger.remember(ORDERS, KNOWN),
    "note_failing": lambda ledger: ledger.note_failing(ORDERS, FAILING),
    "settle": lambda ledger: ledger.settle(ORDERS, KNOWN, told=None),
    "mend": lambda ledger: ledger.mend(ORDERS, KNOWN, MENDED),
}


@pytest.mark.parametrize("write", SEEN_AGAIN.values(), ids=SEEN_AGAIN)
def test_what_is_written_of_a_table_that_is_there_keeps_it_for_good(
    subject: Subject, write: Callable[[Whole], object]
) -> None:
    subject.ledger.remember(ORDERS, KNOWN)
    subject.ledger.let_expire(ORDERS, "id-1", DELETED, HANDLED)
    write(subject.ledger)
    assert subject.expires_at() is None


# ---- Tables that can't be protected -----------------------------------------------------------


@pytest.mark.parametrize("known_before", [True, False])
def test_that_a_table_fails_is_remembered_beside_all_else(
    ledger: Whole, known_before: bool
) -> None:
    if known_before:
        ledger.remember(ORDERS, KNOWN)
    before = ledger.recall(ORDERS, None)
    ledger.note_failing(ORDERS, FAILING)
    assert ledger.recall(ORDERS, None) == replace(before, failing=FAILING)


def test_that_a_table_fails_is_forgotten_once_it_is_in_order(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.note_failing(ORDERS, FAILING)
    ledger.remember(ORDERS, KNOWN)
    assert ledger.recall(ORDERS, None).failing is None


def test_that_a_table_fails_says_nothing_of_the_next_one_of_its_name(ledger: Whole) -> None:
    ledger.remember(ORDERS, KNOWN)
    ledger.note_failing(ORDERS, FAILING)
    assert ledger.recall(ORDERS, "another").failing is None

"""A message on the queue becomes looks, whatever somebody has put into it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drift.change import (
    Cause,
    UnreadableEventError,
)
from pitr_guardian.drift.look import (
    PATIENCE,
    Look,
    body_of,
    looks_from,
)
from pitr_guardian.facts.actor import Actor
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, message, record, switched_off

NOW = datetime(2026, 10, 5, 9, 0, 3, 250000, UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def test_an_event_becomes_a_look_at_its_table() -> None:
    [look] = looks_from(message(switched_off("orders", eventID="e-1")), NOW, ACCOUNT, "aws")
    assert look.ref == ORDERS
    assert look.since == NOW
    assert (look.attempt, look.delay) == (0, 0)
    assert look.cause is not None
    assert look.cause.event_id == "e-1"


def test_an_event_about_several_replicas_becomes_several_looks() -> None:
    updates = [{"create": {"regionName": region}} for region in ("eu-west-1", "us-east-1")]
    detail = record("UpdateTable", {"tableName": "orders", "replicaUpdates": updates})
    looks = looks_from(message(detail), NOW, ACCOUNT, "aws")
    assert [look.ref.region for look in looks] == ["eu-west-1", "us-east-1"]


SAMPLES = {
    file.stem: file.read_text()
    for file in sorted((Path(__file__).parents[3] / "events").glob("*.json"))
    if '"AWS API Call via CloudTrail"' in file.read_text()
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_sample_event_names_a_table_and_who_did_what_to_it(sample: str) -> None:
    looks = looks_from(SAMPLES[sample], LATER, "123456789012", "aws")
    assert looks
    for look in looks:
        assert look.ref.name
        assert look.cause is not None
        assert look.cause.call == json.loads(SAMPLES[sample])["detail"]["eventName"]
        assert look.cause.actor is not None


def test_a_refused_call_is_nothing_to_look_at() -> None:
    assert (
        looks_from(message(switched_off("orders", errorCode="AccessDenied")), NOW, ACCOUNT, "aws")
        == []
    )


instants = st.datetimes(max_value=NOW.replace(tzinfo=None), timezones=st.just(UTC)).map(
    lambda instant: instant.replace(microsecond=instant.microsecond // 1000 * 1000)
)
texts = st.none() | st.text(st.characters(codec="utf-8"), max_size=10)
causes = st.builds(
    Cause,
    eventId=st.text(st.characters(codec="utf-8")),
    call=st.just("UpdateContinuousBackups"),
    time=instants,
    actor=st.none() | st.builds(Actor, arn=texts, type=texts, tool=texts),
    disables=st.booleans(),
    namedPeriod=st.none() | st.integers(1, 35),
)


@given(
    st.builds(
        Look,
        table=st.just(ORDERS.arn),
        since=instants,
        cause=st.none() | causes,
        attempt=st.integers(0, 10**6),
    )
)
def test_a_look_that_was_put_back_comes_back_the_same(look: Look) -> None:
    assert looks_from(body_of(look), NOW, ACCOUNT, "aws") == [look]


def test_the_guardian_waits_longer_and_longer_but_never_more_than_15_minutes() -> None:
    look = Look(table=ORDERS.arn, since=NOW)
    delays = []
    for _ in range(14):
        look = look.again()
        delays.append(look.delay)
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900]


def test_the_guardians_patience_is_24_hours() -> None:
    look = Look(table=ORDERS.arn, since=NOW)
    assert timedelta(hours=24) == PATIENCE
    assert not look.is_overdue(NOW + PATIENCE)
    assert look.is_overdue(NOW + PATIENCE + timedelta(milliseconds=1))


def _with(field: str, value: object, body: str | None = None) -> str:
    """An event, or another message, with this in a field."""
    message_: dict[str, Any] = json.loads(body or message(switched_off("orders")))
    return json.dumps(message_ | {field: value})


def test_an_attempt_later_everything_else_is_the_same() -> None:
    look = Look(table=ORDERS.arn, since=NOW, attempt=3)
    assert look.again() == Look(table=ORDERS.arn, since=NOW, attempt=4)


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("", "the message is not JSON"),
        ("{", "the message is not JSON"),
        ("[" * 100_000, "the message is not JSON"),
        ("9" * 5000, "the message is not JSON"),
        ("[]", "the message is not a JSON object"),
        ("null", "the message is not a JSON object"),
        ("NaN", "the message is not a JSON object"),
        ("{}", "source: Field required; detail-type: Field required; account: Field required"),
        (_with("detail", "x"), "detail: Input should be"),
        (_with("detail", {}), "eventID: Field required"),
        (json.dumps({"look": None}), "message: Input should be"),
        (json.dumps({"look": {"since": "2026-10-05T09:00:00Z"}}), "table: Field required"),
        (
            json.dumps({"look": {"table": "orders", "since": "2026-10-05T09:00:00Z"}}),
            "'orders' is not the ARN of a DynamoDB table",
        ),
        (
            json.dumps({"look": {"table": ORDERS.arn, "since": "2026-10-05T09:00:00"}}),
            "since: Input should have timezone info",
        ),
        (
            json.dumps({"look": {"table": ORDERS.arn, "since": NOW.isoformat(), "attempt": -2}}),
            "attempt: Input should be greater than or equal to 0",
        ),
        (message(switched_off("x")), "UpdateContinuousBackups: 'x' is not a table name"),
        (message(switched_off("orders", eventTime="yesterday")), "eventTime: "),
        (
            message(switched_off("orders", eventTime="0001-01-01T00:00:00+14:00")),
            "eventTime: ",
        ),
    ],
    ids=[
        "nothing",
        "broken off",
        "nested too deep",
        "number too long",
        "array",
        "null",
        "not a number",
        "empty object",
        "detail is text",
        "detail is empty",
        "look is null",
        "look without a table",
        "look at a bare name",
        "look since a naive instant",
        "look tried less than never",
        "impossible table name",
        "impossible time",
        "time before the calendar",
    ],
)
def test_a_message_nobody_understands_is_refused_with_what_is_wrong(
    body: str, complaint: str
) -> None:
    with pytest.raises(UnreadableEventError) as refused:
        looks_from(body, NOW, ACCOUNT, "aws")
    assert complaint in str(refused.value)


def test_what_a_newer_release_put_back_is_read_by_an_older_one() -> None:
    [look] = looks_from(
        json.dumps({"look": {"table": ORDERS.arn, "since": NOW.isoformat(), "when": 1}}),
        NOW,
        ACCOUNT,
        "aws",
    )
    assert look == Look(table=ORDERS.arn, since=NOW)


def assert_only_looks_or_refused(body: str) -> None:
    try:
        looks = looks_from(body, NOW, ACCOUNT, "aws")
    except UnreadableEventError:
        return
    for look in looks:
        assert TableRef.from_arn(look.table) == look.ref
        [again] = looks_from(body_of(look.again()), NOW, ACCOUNT, "aws")
        assert (again.ref, again.attempt) == (look.ref, look.attempt + 1)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["orders", ORDERS.arn, "UpdateTable", "2026-10-05T09:00:00Z", "look"]),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["tableName", "create"]), values)
    ),
    max_leaves=8,
)


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")) | json_values.map(json.dumps))
def test_no_text_breaks_the_reading(body: str) -> None:
    assert_only_looks_or_refused(body)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path, *(deeper for key, child in children for deeper in _paths(child, (*path, key)))]


def _put(value: Any, path: tuple[str | int, ...], new: object) -> Any:
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _put(value[path[0]], path[1:], new)
    return copy


def _put_back() -> dict[str, Any]:
    [look] = looks_from(message(switched_off("orders", eventID="e-1")), NOW, ACCOUNT, "aws")
    body: dict[str, Any] = json.loads(body_of(look.again()))
    return body


def _replicas() -> dict[str, Any]:
    updates = [{"create": {"regionName": "eu-west-1"}}]
    parameters = {"tableName": "orders", "replicaUpdates": updates}
    body: dict[str, Any] = json.loads(message(record("UpdateTable", parameters)))
    return body


def _assumed() -> dict[str, Any]:
    identity = {
        "type": "AssumedRole",
        "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/r"}},
    }
    detail = record(
        "CreateTable",
        None,
        userIdentity=identity,
        responseElements={"tableDescription": {"tableArn": ORDERS.arn}},
        resources=[{"ARN": ORDERS.arn}],
    )
    body: dict[str, Any] = json.loads(message(detail))
    return body


def _switched() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message(switched_off("orders")))
    return body


@pytest.mark.parametrize("real", [_switched, _replicas, _assumed, _put_back])
@given(data=st.data())
def test_no_value_in_any_field_breaks_the_reading(
    real: Callable[[], dict[str, Any]], data: st.DataObject
) -> None:
    body = real()
    path = data.draw(st.sampled_from(_paths(body)))
    assert_only_looks_or_refused(json.dumps(_put(body, path, data.draw(json_values))))


def _look(**fields: object) -> str:
    cause = {"eventId": "e-1", "call": "UpdateContinuousBackups", "time": "2026-10-05T09:00:00Z"}
    if "cause" in fields:
        fields["cause"] = cause | dict(fields["cause"])  # type: ignore[call-overload]
    return json.dumps({"look": {"table": ORDERS.arn, "since": "2026-10-05T09:00:00Z"} | fields})


FAR = "2199-01-01T00:00:00Z"
ELSEWHERE = "arn:aws:dynamodb:eu-central-1:444455556666:table/orders"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (message(switched_off("orders", eventTime=FAR)), "eventTime: 2199-01-01T00:00:00.000Z is"),
        (_look(since=FAR), "since: 2199"),
        (_look(hears=FAR), "hears: 2199"),
        (_look(lastOnAt=FAR), "lastOnAt: 2199"),
        (_look(cause={"time": FAR}), "cause.time: 2199"),
        (_look(table=ELSEWHERE), "is not of the guardian's account 111122223333"),
        (_look(cause={"call": "PutItem"}), "cause: no record of the call PutItem says that"),
        (_look(cause={"isBirth": True}), "cause: no record of the call UpdateContinuousBackups"),
        (_look(cause={"isDeletion": True}), "cause: no record of the call UpdateContinuousBackups"),
        (_look(cause={"call": "CreateTable", "disables": True}), "cause: no record of the call Cr"),
        (_look(cause={"call": "TagResource", "namedPeriod": 1}), "cause: no record of the call Ta"),
        (_look(cause={"namedPeriod": 36}), "cause: no record of the call UpdateContinuousBackups"),
        (_look(cause={"tableId": "x" * 65}), "cause: no record of the call UpdateContinuousBac"),
        (_with("source", "my.app"), "source: Input should be 'aws.dynamodb'"),
        (_with("detail-type", "Anything"), "detail-type: Input should be 'AWS API Call via"),
        (_with("account", "444455556666"), "account: the event is of '444455556666', the guardian"),
        (
            message(switched_off("orders", eventSource="s3.amazonaws.com")),
            "eventSource: Input should be 'dynamodb.amazonaws.com'",
        ),
        (message(record("PutItem", {"tableName": "orders"})), "PutItem is not a call the guardian"),
    ],
)
def test_what_neither_a_rule_nor_the_guardian_could_have_sent_is_refused(
    body: str, complaint: str
) -> None:
    with pytest.raises(UnreadableEventError) as refused:
        looks_from(body, NOW, ACCOUNT, "aws")
    assert complaint in str(refused.value)


def test_a_clock_of_aws_may_be_minutes_ahead() -> None:
    ahead = (NOW + timedelta(minutes=4)).isoformat()
    assert looks_from(message(switched_off("orders", eventTime=ahead)), NOW, ACCOUNT, "aws")
    fields: dict[str, object] = {"since": ahead, "hears": ahead, "cause": {"time": ahead}}
    assert looks_from(_look(**fields), NOW, ACCOUNT, "aws")


def test_a_call_to_another_accounts_table_is_that_accounts_to_look_at() -> None:
    event = message(switched_off("orders", requestParameters={"tableName": ELSEWHERE}))
    assert looks_from(event, NOW, ACCOUNT, "aws") == []


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_cause_that_is_read_can_be_put_back(sample: str) -> None:
    for look in looks_from(SAMPLES[sample], LATER, "123456789012", "aws"):
        assert looks_from(body_of(look.again()), LATER, "123456789012", "aws") == [look.again()]

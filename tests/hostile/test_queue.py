"""Whatever is on the enforcement queue: the others are handled, and nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from functions.drift import enforce
from pitr_guardian.drift.change import UnreadableEventError
from pitr_guardian.drift.look import (
    Look,
    body_of,
    looks_from,
)
from pitr_guardian.logs import logger
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import message, switched_off
from tests.fakes.world import World
from tests.hostile.limits import Stdout, assert_can_be_told
from tests.hostile.strategies import SAMPLES, a_share_each, deep, json_values, put, texts, twisted
from tests.integration.lambda_context import lambda_context
from tests.integration.sqs_event import sqs_event

BAD = "m-1"
"""The message in the middle of the batch."""

ACCOUNT = "123456789012"
ORDERS = TableRef("aws", ACCOUNT, "eu-central-1", "Orders")
OFF = SAMPLES["update-continuous-backups-off"]
BEFORE, AFTER = (TableRef("aws", ACCOUNT, "eu-central-1", name) for name in ("one", "two"))

NEEDED = (
    ("source",),
    ("detail-type",),
    ("account",),
    ("detail", "eventID"),
    ("detail", "eventSource"),
    ("detail", "eventName"),
    ("detail", "eventTime"),
    ("detail", "awsRegion"),
    ("detail", "recipientAccountId"),
    ("detail", "requestParameters", "tableName"),
)
"""What must be as it should be, so that it can be known what happened to which table."""


class Deployed:
    """The function over an account with three tables whose PITR was on, and is off."""

    def __init__(self) -> None:
        self.world = World(account=ACCOUNT)
        self.world.clock.now = datetime(2026, 12, 1, tzinfo=UTC)  # the samples are of days before
        for table in (BEFORE, ORDERS, AFTER):
            self.world.tables.create(table)
            self.world.tables.switch_on(table, 21)
        self.world.clock.advance(30 * 86_400)
        for table in (BEFORE, ORDERS, AFTER):
            self.world.look_at(table)
            self.world.tables.switch_off(table)
        self.world.clock.advance(60)
        self.log = Stdout()

    def handle(self, body: str, receives: int = 1) -> list[str]:
        """Handle a batch with this in its middle; gives what is to be delivered again."""
        good = [
            message(switched_off(table.name, recipientAccountId=ACCOUNT))
            for table in (BEFORE, AFTER)
        ]
        event = sqs_event(good[0], body, good[1], receives=receives, account=ACCOUNT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("MAX_RECEIVES", "5")
            patch.setenv("RESTORE_SOURCE_PATTERN", "*")
            patch.setenv("RESTORE_TARGET_PATTERN", "*")
            patch.setattr(enforce, "enforcer", self.world.enforcer)
            patch.setattr(enforce, "deletions", self.world.deletions)
            patch.setattr(logger.registered_handler, "stream", self.log)
            answer = enforce.handler(event, lambda_context())
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def is_on(self, table: TableRef) -> bool:
        return self.world.tables[table].is_on


@contextmanager
def deployed() -> Iterator[Deployed]:
    """The function; afterwards the rest of the batch is done, and all that was told can be."""
    function = Deployed()
    yield function
    assert function.is_on(BEFORE)
    assert function.is_on(AFTER)
    for fact in function.world.facts.published:
        assert_can_be_told(fact)
    for line in function.log.lines():
        assert isinstance(json.loads(line), dict)
    for _, body in function.world.looks.waiting:
        assert looks_from(body, function.world.clock.now, ACCOUNT, "aws")


def assert_alone(body: str, receives: int = 1) -> None:
    """A bad message fails alone, with a sentence in the log; any other is handled."""
    with deployed() as function:
        failed = function.handle(body, receives)
        lines = [json.loads(line) for line in function.log.lines()]
        errors = [line for line in lines if line["level"] == "ERROR"]
        assert failed in ([], [BAD])
        assert [line["message_id"] for line in errors] == failed
        assert all(len(line["message"]) < 3000 for line in errors)
        assert all(line["message"].isprintable() for line in errors)
        try:
            looks = looks_from(body, function.world.clock.now, ACCOUNT, "aws")
        except UnreadableEventError:
            assert failed == [BAD]
        else:
            assert not failed
            assert all(look.ref for look in looks)


@given(texts | json_values.map(json.dumps), st.sampled_from([1, 5]))
def test_no_text_on_the_queue_stops_the_others(body: str, receives: int) -> None:
    assert_alone(body, receives)


@pytest.mark.parametrize("levels", [900, 5_000, 10_000, 100_000])
@pytest.mark.parametrize("into", ["{}", '{"account": "1", "detail": {}}', '{"look": {}}'])
def test_no_nesting_is_too_deep_for_the_batch(into: str, levels: int) -> None:
    nested = "[" * levels + "]" * levels
    assert_alone(into.replace("{}", f'{{"x": {nested}}}'))


@pytest.mark.parametrize(
    "body",
    [
        '{"look": {"table": "a", "table": "b"}, "look": null}',
        '{"account": NaN, "detail": Infinity}',
        '{"account": ' + "9" * 5000 + "}",
        '{"account": 1e999, "detail": {}}',
        '"\\ud800"',
        "\x00",
        "\ufeff{}",
    ],
)
def test_json_at_its_edges_is_refused_alone(body: str) -> None:
    assert_alone(body)


@pytest.mark.parametrize("name", SAMPLES)
@a_share_each
@given(data=st.data())
def test_no_value_in_any_field_of_a_record_stops_the_others(name: str, data: st.DataObject) -> None:
    assert_alone(json.dumps(data.draw(twisted(SAMPLES[name]))))


@given(twisted(OFF, keep=(*NEEDED, ("detail", "errorCode"))))
def test_nobody_escapes_by_what_else_a_record_holds(event: dict[str, Any]) -> None:
    event["detail"].pop("errorCode", None)
    with deployed() as function:
        assert function.handle(json.dumps(event)) == []
        assert function.is_on(ORDERS)


@pytest.mark.parametrize("field", ["userAgent", "sourceIPAddress", "userIdentity", "errorCode"])
@pytest.mark.parametrize(
    "value",
    ["", "\ud800", "\x1b[2J\r\n" * 9, 5, [], {"arn": {}}, deep(500)],
    ids=["empty", "half a character", "terminal", "number", "list", "object", "nested"],
)
def test_the_caller_has_no_say_in_whether_its_doing_is_put_right(field: str, value: Any) -> None:
    event = put(OFF, ("detail",), OFF["detail"] | {field: value})
    with deployed() as function:
        failed = function.handle(json.dumps(event))
        assert failed == []
        was_refused = field == "errorCode" and isinstance(value, str) and value
        assert function.is_on(ORDERS) is not bool(was_refused)


@given(data=st.data())
def test_no_value_in_any_field_of_a_look_stops_the_others(data: st.DataObject) -> None:
    [first] = looks_from(json.dumps(OFF), Deployed().world.clock.now, ACCOUNT, "aws")
    written = json.loads(body_of(first.again()))
    assert_alone(json.dumps(data.draw(twisted(written))))


@given(st.dictionaries(texts, json_values, max_size=3))
def test_what_a_newer_release_adds_to_a_look_is_let_pass(more: dict[str, Any]) -> None:
    with deployed() as function:
        look = json.loads(body_of(Look(table=ORDERS.arn, since=function.world.clock.now)))
        look["look"] = more | look["look"]
        if {"cause", "lastOnAt", "attempt"} & more.keys():
            return
        assert function.handle(json.dumps(look)) == []
        assert function.is_on(ORDERS)


def let_looks_come_back(world: World) -> None:
    """As the world does; but whatever goes round for ever is noticed."""
    until = world.clock.now + timedelta(days=2)
    while world.looks.waiting:
        world.clock.now = max(world.clock.now, min(due for due, _ in world.looks.waiting))
        assert world.clock.now < until
        for body in world.looks.receive():
            world.deliver(body, "put-back")


instants = st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat)


@given(
    st.fixed_dictionaries(
        {"since": instants},
        optional={"lastOnAt": instants, "hears": instants, "attempt": st.integers(0, 9)},
    ),
    st.none()
    | st.fixed_dictionaries(
        {
            "eventId": st.just("forged"),
            "call": st.sampled_from(
                ["UpdateContinuousBackups", "CreateTable", "TagResource", "DeleteTable"]
            ),
            "time": instants,
        },
        optional={
            "isBirth": st.booleans(),
            "isDeletion": st.booleans(),
            "disables": st.booleans(),
            "namedPeriod": st.integers(-1, 40),
        },
    ),
)
@example({"since": "2199-01-01T00:00:00Z"}, None)
@example({"since": "2026-12-31T00:00:00Z", "lastOnAt": "2199-01-01T00:00:00Z"}, None)
@example({"since": "2026-12-31T00:00:00Z", "hears": "2199-01-01T00:00:00Z"}, None)
@example(
    {"since": "2026-12-31T00:00:00Z"},
    {"eventId": "forged", "call": "UpdateContinuousBackups", "time": "2199-01-01T00:00:00Z"},
)
@example(
    {"since": "2026-12-31T00:00:00Z"},
    {
        "eventId": "forged",
        "call": "DeleteTable",
        "time": "2199-01-01T00:00:00Z",
        "isDeletion": True,
    },
)
def test_no_forged_look_leaves_a_table_unprotected_for_ever(
    look: dict[str, Any], cause: dict[str, Any] | None
) -> None:
    with deployed() as function:
        forged = {"table": ORDERS.arn, "cause": cause} | look
        function.handle(json.dumps({"look": forged}))
        let_looks_come_back(function.world)
        for _ in range(2):
            function.world.clock.advance(3600)
            function.world.tables.switch_off(ORDERS)
            function.world.clock.advance(5)
            function.world.look_at(ORDERS)
            assert function.is_on(ORDERS)
            told = len(function.world.facts.published)
            let_looks_come_back(function.world)
            assert len(function.world.facts.published) > told

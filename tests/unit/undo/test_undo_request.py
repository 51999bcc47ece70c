"""What an undo request may say, and what is said of one that says it wrongly."""

from __future__ import annotations

import contextlib
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.undo.intake import (
    InvalidUndoError,
    approval_from,
    told_of_undo,
    undo_request_from,
)
from pitr_guardian.undo.request import Condition, UndoRequest
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.restores import HOME

FROM = "2026-11-25T10:00:00Z"
FINGERPRINT = "0123456789abcdef" * 4


def read(**fields: Any) -> UndoRequest:
    detail = {"table": "orders", "from": FROM, **{k.rstrip("_"): v for k, v in fields.items()}}
    return undo_request_from(detail, "event-1", HOME)


def refusal(detail: object) -> str:
    with pytest.raises(InvalidUndoError) as refused:
        undo_request_from(detail, "event-1", HOME)
    return str(refused.value)


def refused(**fields: Any) -> str:
    return refusal(
        {"table": "orders", "from": FROM, **{k.rstrip("_"): v for k, v in fields.items()}}
    )


def test_the_least_that_can_be_asked() -> None:
    request = read()
    assert request.request_id == "event-1"
    assert request.from_ == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert (request.to, request.changes, request.where, request.conflicts) == (
        None,
        "all",
        (),
        "keep",
    )


def test_windows_are_in_whole_seconds_and_take_no_damage_out() -> None:
    request = read(from_="2026-11-25T11:00:00.9+01:00", to="2026-11-25T10:00:01.1Z")
    assert request.from_ == datetime(2026, 11, 25, 10, 0, 0, tzinfo=UTC)
    assert request.to == datetime(2026, 11, 25, 10, 0, 2, tzinfo=UTC)


_NO_VALUES: list[dict[str, Any]] = [
    *({"N": "NaN"}, {"N": "1e999999999"}, {"N": "1_000"}, {"N": "\u0661"}),
    *({"SS": []}, {"SS": ["a", "a"]}, {"NS": ["1", "1.0"]}, {"NS": ["x"]}),
]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"from_": "yesterday"}, "from: 'yesterday' is no good; give an ISO 8601 instant"),
        (
            {"from_": "2026-11-25T10:00:00"},
            "from: '2026-11-25T10:00:00' is no good; give .* with offset",
        ),
        ({"from_": "0001-01-01T00:00:00+23:59"}, r"from: '0001-01-01T00:00:00\+23:59' is no good"),
        ({"from_": 1700000000}, "from: 1700000000 is no good"),
        ({"from_": None}, "from: missing; give"),
        ({"to": "9999-12-31T23:59:59.5Z"}, "to: .* is no good"),
        ({"to": True}, "to: True is no good"),
        ({"table": "a b"}, "table: 'a b' is not a table name.*; give the name or the ARN"),
        ({"table": None}, "table: missing; give"),
        ({"table": 5}, "table: 5 is no good"),
        (
            {"table": f"arn:aws:dynamodb:eu-central-1:{'9' * 12}:table/orders"},
            "not in this account",
        ),
        ({"partition": True}, "partition: True is no good; give a partition key's value"),
        ({"partition": [1]}, "partition: .* is no good"),
        ({"partition": float("nan")}, "partition: nan is no good"),
        ({"partition": "x" * 3000}, "partition: .* is no good; give .* at most 2048"),
        ({"changes": []}, "changes: .* is no good; give `all`, or a list of inserted"),
        ({"changes": "updated"}, "changes: 'updated' is no good"),
        ({"changes": ["modified"]}, "changes: .* is no good"),
        ({"conflicts": "ask"}, "conflicts: 'ask' is no good; give `keep` or `overwrite`"),
        ({"requestId": "a b"}, "requestId: 'a b' is no good; give 1 to 64"),
        ({"reason": 5}, "reason: 5 is no good"),
        ({"dryRun": True}, "dryRun: no such field; the fields are table, from, to, partition"),
        (
            {"where": [{"attribute": "a", "is": "like", "value": 1}]},
            "where: 'like' is no good; give",
        ),
        ({"where": [{"attribute": "a", "is": "="}]}, "where: .* is no good"),
        ({"where": [{"attribute": "a", "is": "exists", "value": 1}]}, "where: .* is no good"),
        ({"where": [{"attribute": "", "is": "exists"}]}, "where: '' is no good"),
        ({"where": [{"attribute": "a", "is": "exists", "on": 1}]}, "where: 1 is no good"),
        ({"where": [{"attribute": "a", "is": "exists", "image": "next"}]}, "where: 'next'"),
        ({"where": [{"attribute": "a", "is": "exists"}] * 21}, "where: .* at most 20 conditions"),
        (
            {"where": [{"attribute": "a", "is": "=", "value": [1]}]},
            "where: the value of a is none of DynamoDB's; give a text, a number",
        ),
        (
            {"where": [{"attribute": "a", "is": "=", "value": {"N": "x"}}]},
            "where: the value of a is none of DynamoDB's",
        ),
        *(
            (
                {"where": [{"attribute": "a", "is": "=", "value": value}]},
                "where: the value of a is none of DynamoDB's",
            )
            for value in _NO_VALUES
        ),
        (
            {"where": [{"attribute": "a", "is": "begins_with", "value": 1}]},
            "where: with begins_with, the value of a is a text or a binary$",
        ),
        (
            {"where": [{"attribute": "a", "is": "<", "value": True}]},
            "where: with <, the value of a is a text, a number or a binary$",
        ),
        (
            {"where": [{"attribute": "a", "is": "=", "value": "x" * 3000}]},
            "where: the value of a is longer than 2048 characters",
        ),
    ],
)
def test_a_field_at_fault_is_named_with_the_remedy(fields: dict[str, Any], said: str) -> None:
    assert re.search(said, refused(**fields))


def test_all_faults_are_told_at_once() -> None:
    told = refused(from_="x", to="y", conflicts="z")
    assert [part.split(":")[0] for part in told.split(". ")] == ["from", "to", "conflicts"]


def test_a_request_is_an_object() -> None:
    assert refusal([]) == "detail: this is no JSON object; give the request's fields in one"
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    assert "no JSON that can be read" in refusal({"table": "orders", "where": nested})


def test_a_revert_goes_alone() -> None:
    request = undo_request_from(
        {"revert": "u-1", "requestId": "u-2", "requestedBy": "bob", "reason": "again"}, "e", HOME
    )
    assert request.revert == "u-1"
    told = refusal({"revert": "u-1", "table": "orders", "from": FROM, "conflicts": "keep"})
    assert told.startswith(
        "revert: it goes back on all that a plan did, and table, from, conflicts"
    )
    assert told.endswith("leave them out")


def test_values_have_the_types_that_dynamodb_gives_them() -> None:
    where = [
        {"attribute": "a", "is": "=", "value": None},
        {"attribute": "a", "is": "=", "value": {"B": "AQI="}},
        {"attribute": "a", "is": "missing"},
    ]
    request = read(where=where)
    assert [each.value for each in request.where] == [None, {"B": "AQI="}, None]


def test_a_request_survives_the_ledger() -> None:
    request = read(
        to="2026-11-25T10:00:01.1Z",
        partition=1.5,
        changes=["inserted"],
        where=[
            {"attribute": "ü", "is": "exists", "image": "old"},
            {"attribute": "a", "is": "=", "value": None},
        ],
        requestedBy="bob",
    )
    kept = UndoRequest.model_validate_json(request.model_dump_json(by_alias=True))
    assert kept == request
    assert kept.content() == request.content()


def test_halves_of_characters_are_no_characters() -> None:
    assert read(reason="\ud800").reason == "\N{REPLACEMENT CHARACTER}"
    [condition] = read(where=[{"attribute": "\udfff", "is": "=", "value": "\ud800"}]).where
    json.dumps(condition.model_dump()).encode()
    assert condition == Condition(attribute="�", is_="=", value="�")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["table", "from", "to", "partition", "changes", "where", "conflicts", "revert", "requestId"]
)


@given(st.dictionaries(fields | st.text(), json_values, max_size=6) | json_values)
def test_whatever_comes_is_read_or_refused(detail: object) -> None:
    told = told_of_undo(detail, "event-1")
    assert told["plan_id"]
    for make in (lambda: undo_request_from(detail, "event-1", HOME), lambda: approval_from(detail)):
        with contextlib.suppress(InvalidUndoError):
            make()


def test_an_approval_names_plan_and_fingerprint() -> None:
    asked = approval_from({"planId": "u-1", "fingerprint": FINGERPRINT, "requestedBy": "bob"})
    assert (asked.plan_id, asked.requested_by) == ("u-1", "bob")
    for detail, said in (
        ({"planId": "u-1"}, "fingerprint: missing; give the `fingerprint` of `Undo Planned`"),
        ({"planId": "u-1", "fingerprint": "abc"}, "fingerprint: 'abc' is no good"),
        ({"planId": "u-1", "fingerprint": FINGERPRINT, "force": True}, "force: no such field"),
        ({"fingerprint": FINGERPRINT}, "planId: missing"),
    ):
        with pytest.raises(InvalidUndoError, match=said):
            approval_from(detail)


def test_a_fact_tells_what_can_be_told_of_a_malformed_request() -> None:
    told = told_of_undo(
        {"requestId": "u-1", "from": "x", "to": FROM, "requestedBy": 5, "reason": "r"}, "e"
    )
    assert told == {
        "plan_id": "u-1",
        "requested_by": None,
        "request_reason": "r",
        "from_": None,
        "to": datetime(2026, 11, 25, 10, tzinfo=UTC),
    }
    assert told_of_undo("x", "event-1")["plan_id"] == "event-1"
    assert read(table=ORDERS.arn).table == ORDERS.arn

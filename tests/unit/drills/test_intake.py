"""Drill requests: complete and well-formed, or refused in sentences."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.intake import InvalidDrillError, drill_request_from, told_of_drill
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.tables.reference import Home

HOME = Home("aws", "123456789012", "eu-central-1")


def read(detail: object, *, members: bool = False) -> DrillRequest:
    return drill_request_from(detail, "event-1", HOME, members=members)


def test_what_is_left_out_has_a_default() -> None:
    request = read({"table": "Orders"})
    assert (request.at, request.sample, request.request_id) == ("random", 1000, "event-1")
    assert request.target_region is None


def test_an_instant_is_its_second_in_utc() -> None:
    request = read({"table": "Orders", "at": "2026-11-25T11:15:30.9+01:00"})
    assert request.content()["at"] == "2026-11-25T10:15:30.000Z"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "table: missing"),
        ({"table": "no/name"}, "table: "),
        ({"table": "x", "colour": 1}, "colour: no such field"),
        ({"table": "Orders", "at": "yesterday"}, "at: "),
        ({"table": "Orders", "at": "2026-11-25T10:15:30"}, "at: "),
        ({"table": "Orders", "sample": 0}, "sample: "),
        ({"table": "Orders", "sample": 10_001}, "sample: "),
        ({"table": "Orders", "sample": "some"}, "sample: "),
        ({"table": "Orders", "sample": True}, "sample: "),
        ({"table": "Orders", "requestId": "a b"}, "requestId: "),
        ({"table": "Orders", "targetRegion": "EU WEST"}, "targetRegion: "),
        ({"table": "Orders", "reason": "x" * 1001}, "reason: "),
        (
            {"table": "arn:aws:dynamodb:eu-central-1:999999999999:table/Orders"},
            "is not in this account",
        ),
        ([], "detail: "),
        ("Orders", "detail: "),
    ],
)
def test_a_malformed_request_is_refused_by_the_field(fields: object, said: str) -> None:
    with pytest.raises(InvalidDrillError, match=said.replace("(", r"\(")):
        read(fields)


def test_a_table_of_another_account_may_be_named_where_there_are_members() -> None:
    theirs = "arn:aws:dynamodb:eu-west-1:999999999999:table/Orders"
    assert read({"table": theirs}, members=True).table == theirs
    with pytest.raises(InvalidDrillError, match="is not in this account"):
        read({"table": theirs.replace(":aws:", ":aws-cn:")}, members=True)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    json_values
    | st.dictionaries(st.sampled_from(["table", "at", "sample", "requestId", "x"]), json_values)
)
def test_whatever_comes_is_read_or_refused_and_can_be_told(detail: object) -> None:
    with contextlib.suppress(InvalidDrillError):
        read(detail)
    assert told_of_drill(detail, "event-1")["drill_id"]

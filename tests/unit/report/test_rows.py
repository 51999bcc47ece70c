"""A sweep's rows: read, weighed, and put in order of urgency."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from pydantic import ValidationError

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.attention import (
    Attention,
    attention_of,
    in_order,
)
from pitr_guardian.report.sweep import (
    Part,
    Status,
    Sweep,
    TableRow,
    rows_of,
)
from tests.fakes.reports import NOW, drifted, exempt, failed, part, row

TODAY = NOW.date()


def since(days: float) -> str:
    return iso(NOW - timedelta(days=days))


def read(*rows: dict[str, Any]) -> list[TableRow]:
    found, notes = rows_of([part(*rows)])
    assert not notes
    return found


def ordered(*rows: dict[str, Any]) -> list[str]:
    return [each.name for each in in_order(read(*rows), TODAY)]


@pytest.mark.parametrize(
    ("given_row", "share"),
    [
        (row(earliest=since(35)), pytest.approx(1, abs=0.001)),
        (row(earliest=since(7), latest=since(0)), 0.2),
        (row(earliest=since(40)), 1.0),
        (row(ownPeriodInDays=None, periodInDays=14, earliest=since(7), latest=since(0)), 0.5),
        (row("Prices", "drifted", periodInDays=7, earliest=since(7), latest=since(0)), 0.2),
        (drifted("Carts"), 0.0),
        (exempt("Scratch", "2026-12-31"), 0.0),
        (failed("Ledger"), None),
        (row(earliest=None), None),
        (row(ownPeriodInDays=None, periodInDays=None), None),
    ],
    ids=[
        "full",
        "young",
        "longer than its period",
        "own period not known",
        "shortened",
        "off",
        "exempt and off",
        "not checked",
        "window not known",
        "no period known",
    ],
)
def test_a_window_is_measured_against_the_tables_own_period(
    given_row: dict[str, Any], share: float | None
) -> None:
    assert read(given_row)[0].window_share == share


@pytest.mark.parametrize(
    ("given_row", "attention"),
    [
        (failed("A"), Attention.COULD_NOT_BE_CHECKED),
        (drifted("A"), Attention.DRIFTED),
        (exempt("A", "2026-11-22"), Attention.EXEMPTION_ENDS),
        (exempt("A", "2026-12-06"), Attention.EXEMPTION_ENDS),
        (exempt("A", "2026-12-07"), Attention.NONE),
        (exempt("A", "2026-11-21"), Attention.EXEMPTION_ENDS),
        (row(earliest=since(30)), Attention.SHORT_WINDOW),
        (row(), Attention.NONE),
        (row(earliest=None), Attention.NONE),
    ],
)
def test_a_table_asks_for_a_person_or_does_not(
    given_row: dict[str, Any], attention: Attention
) -> None:
    assert attention_of(read(given_row)[0], TODAY) is attention
    assert attention.needs_a_person is (attention <= Attention.EXEMPTION_ENDS)


def test_what_needs_a_person_comes_first_and_the_rest_by_name() -> None:
    assert ordered(
        row("zebra"),
        row("Alpaca"),
        exempt("Later", "2027-03-01"),
        row("Young", earliest=since(10)),
        row("Newborn", earliest=since(1)),
        exempt("In-a-week", "2026-11-29"),
        exempt("Tomorrow", "2026-11-23"),
        drifted("Off-2"),
        drifted("Off-1"),
        failed("Unreachable"),
    ) == [
        "Unreachable",
        "Off-1",
        "Off-2",
        "Tomorrow",
        "In-a-week",
        "Newborn",
        "Young",
        "Alpaca",
        "Later",
        "zebra",
    ]


@given(st.permutations([row("B"), row("a"), row("a", region="us-east-1"), drifted("c")]))
def test_the_order_is_the_same_however_the_parts_came(rows: list[dict[str, Any]]) -> None:
    expected = in_order(read(*rows), TODAY)
    assert in_order(read(*reversed(rows)), TODAY) == expected


def test_a_table_that_was_looked_at_twice_counts_once_as_it_was_last() -> None:
    rows, _ = rows_of([part(drifted("Orders")), part(row("Orders"), number=1)])
    assert [each.status for each in rows] == [Status.PROTECTED]


@pytest.mark.parametrize("body", [b"", b"{", b'{"arn": 1}', b"\xff\xfe", b"null"])
def test_a_part_that_cannot_be_read_is_named_and_stops_nothing(body: bytes) -> None:
    rows, notes = rows_of([Part("sweeps/sweep-1/eu-west-1/0000.json", body), part(row())])
    assert [each.name for each in rows] == ["Orders"]
    [note] = notes
    assert "sweeps/sweep-1/eu-west-1/0000.json" in note


def test_a_row_that_cannot_be_read_is_counted_and_stops_nothing() -> None:
    rows, notes = rows_of([part(row(), row("Broken", "unheard-of"), {"name": "no arn"})])
    assert [each.name for each in rows] == ["Orders"]
    [note] = notes
    assert note.startswith("2 of ")


def test_what_a_later_version_says_besides_is_let_pass() -> None:
    assert read(row(tableClass="STANDARD"))[0].name == "Orders"


@pytest.mark.parametrize("sweep_id", ["", "a/b", "../latest", "a b", "x" * 129])
def test_a_sweep_is_not_named_after_somebody_elses_place(sweep_id: str) -> None:
    event = {"sweepId": sweep_id, "startedAt": iso(NOW), "regions": []}
    with pytest.raises(ValidationError):
        Sweep.model_validate_json(json.dumps(event))

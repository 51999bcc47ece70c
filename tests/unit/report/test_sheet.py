"""The spreadsheet holds everything, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.report.sheet import sheet
from tests.fakes.reports import drifted, exempt, report, row


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_there_is_a_line_for_each_table_in_the_order_of_the_report() -> None:
    found = cells(sheet(report(row("Orders"), drifted("Carts"))))
    assert [each["name"] for each in found] == ["Carts", "Orders"]
    assert found[0]["periodInDays"] == ""
    assert found[0]["attention"] == "drifted"
    assert found[1]["windowInDays"] == "35.0"
    assert found[1]["latest"] == "2026-11-22T09:55:00.000Z"


@pytest.mark.parametrize(
    "formula",
    [
        '=HYPERLINK("http://example.com")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "  =1",
        "＝1+1",  # noqa: RUF001
    ],
)
def test_a_tag_that_is_a_formula_stays_a_text(formula: str) -> None:
    [table] = cells(sheet(report(exempt("Load", "2026-12-31", exemptReason=formula))))
    assert table["exemptReason"] == f"'{formula}"


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("\t=1", "' =1"),
        ("\r\n=1", "' =1"),
        ("\r=1", "\ufffd=1"),
        ("no; =1", "no; '=1"),
        ('no;"=1', "no;\"'=1"),
    ],
)
def test_a_formula_finds_no_other_way_into_a_cell(formula: str, told: str) -> None:
    [table] = cells(sheet(report(exempt("Load", "2026-12-31", exemptReason=formula))))
    assert table["exemptReason"] == told


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters=";|")))
def test_every_other_text_is_told_as_it_is(text: str) -> None:
    [table] = cells(sheet(report(exempt("Load", "2026-12-31", exemptReason=text))))
    assert table["exemptReason"] in {text, f"'{text}"}
    assert table["exemptOwner"] == ""

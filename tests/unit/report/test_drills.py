"""A table's last drill, and its measured recovery time, in every form of the report."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.content import document
from pitr_guardian.report.page import page
from pitr_guardian.report.sheet import sheet
from pitr_guardian.report.table_view import view_of
from tests.fakes.reports import NOW, drill, report, row

DAY = iso(NOW - timedelta(days=14))[:10]
EARLIER = iso(NOW - timedelta(days=40))


@pytest.mark.parametrize(
    ("drills", "said"),
    [
        ([], ""),
        ([drill()], f"proved on {DAY}, in 14 min 3 s"),
        ([drill(kind="small", seconds=None)], f"proved in part on {DAY}"),
        ([drill(outcome="failed", seconds=None)], f"drill failed on {DAY}"),
        ([drill(outcome="failed"), drill(asked=EARLIER)], f"drill failed on {DAY}"),
        ([drill("Other")], ""),
    ],
)
def test_the_last_drill_of_a_table_is_said(drills: list[Any], said: str) -> None:
    shown = report(row("Orders"), drills=drills)
    [table] = shown.tables
    assert view_of(table, NOW.date(), drill=shown.drill(table)).proof == said
    assert said in page(shown)


def test_it_is_told_as_data() -> None:
    told = document(report(row("Orders"), row("Carts"), drills=[drill()]))
    by_name = {each["name"]: each["lastDrill"] for each in told["tables"]}
    assert by_name["Carts"] is None
    assert by_name["Orders"]["seconds"] == 843
    assert by_name["Orders"]["drillId"] == "d-1"
    assert "table" not in by_name["Orders"]


def test_it_is_told_as_a_spreadsheet() -> None:
    lines = list(csv.DictReader(io.StringIO(sheet(report(row("Orders"), drills=[drill()])))))
    assert lines[0]["drillOutcome"] == "passed"
    assert lines[0]["drilledAt"].startswith(DAY)
    assert lines[0]["recoverySeconds"] == "843.0"


def test_what_cant_be_read_is_a_note() -> None:
    broken = {**drill(), "summary": "{"}
    shown = report(row("Orders"), drills=[broken, drill(outcome="unheard-of")])
    assert shown.notes == ("2 of the ledger's drills could not be read and are missing here.",)

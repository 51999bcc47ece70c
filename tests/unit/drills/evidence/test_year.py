"""A year of drills: what needs a person comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pitr_guardian.drills.evidence.year import KnownTable, year_of
from pitr_guardian.drills.evidence.year_page import year_page
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.drill_pages import ASKED, summary

EARLIER = ASKED - timedelta(days=30)


def known(*names: str) -> list[KnownTable]:
    return [KnownTable(replace(ORDERS, name=name)) for name in names]


def test_states_and_their_order() -> None:
    drills = [
        summary("proved", EARLIER),
        summary("proved"),
        summary("fails-now", EARLIER),
        summary("fails-now", outcome="failed"),
        summary("mended", EARLIER, outcome="failed"),
        summary("mended"),
        summary("in-part", kind="small", seconds=None),
        summary("both", EARLIER),
        summary("both", kind="small", seconds=None),
        summary("went"),
    ]
    tables = year_of(drills, known("proved", "fails-now", "mended", "in-part", "both", "new"))
    assert [(each.table.name, each.state) for each in tables] == [
        ("fails-now", "failed"),
        ("new", "never"),
        ("in-part", "small"),
        ("both", "proved"),
        ("mended", "proved"),
        ("proved", "proved"),
        ("went", "proved"),
    ]
    by_name = {each.table.name: each for each in tables}
    assert not by_name["went"].is_there
    assert [drill.asked for drill in by_name["proved"].drills] == [ASKED, EARLIER]
    last = by_name["fails-now"].last_passed
    assert last is not None
    assert last.asked == EARLIER


def test_a_year_without_tables_has_a_page() -> None:
    assert "No tables are known" in year_page(2026, [], ASKED)

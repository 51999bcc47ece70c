"""The pages of a drill and of a year in a browser: for everybody, on a phone, in the dark."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import expect

from pitr_guardian.drills.evidence.year import year_of
from pitr_guardian.drills.evidence.year_page import year_page
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE, Window
from tests.fakes.drill_pages import (
    ASKED,
    BEFORE,
    evidence,
    failed_evidence,
    page_of,
    summary,
    year,
)

SIZES = pytest.mark.parametrize(
    "size", [DESKTOP, PHONE, NARROWEST], ids=["desktop", "phone", "narrowest"]
)


@cache
def shown(which: str) -> str:
    if which == "year":
        return year()
    return page_of(evidence(), BEFORE) if which == "passed" else page_of(failed_evidence())


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("which", ["passed", "failed", "year"])
def test_the_page_is_for_everybody(
    window: Window, size: tuple[int, int], scheme: Any, which: str
) -> None:
    page = window.open(shown(which), size, color_scheme=scheme)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert "color-contrast" in {rule["id"] for rule in results.response["passes"]}
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


def test_what_was_proved_is_said_at_once(window: Window) -> None:
    page = window.open(shown("passed"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Drill passed: orders")
    expect(page.locator(".hero")).to_contain_text("at most 0.30 % of all items are wrong")
    expect(page.get_by_role("img", name="Equal: 961, Explained: 39")).to_be_visible()
    expect(page.locator("body")).to_contain_text("14 min 3 s")
    assert page.locator(".notice").count() == 0


def test_what_speaks_against_it_is_said_and_nothing_of_it_runs(window: Window) -> None:
    page = window.open(shown("failed"))
    expect(page.locator(".notice li")).to_have_count(3)
    expect(page.locator("body")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("script:not([type])").count() == 1
    assert "\u202e" not in page.inner_text("body")


def test_a_year_lists_first_what_needs_a_person(window: Window) -> None:
    page = window.open(shown("year"))
    names = page.locator("tbody th bdi").all_inner_texts()
    assert names == ["carts", "prices", "sessions", "clicks", "gone", "orders"]
    expect(page.get_by_role("heading", level=2).first).to_have_text(
        "2 of 6 tables proved to be restorable"
    )
    links = page.get_by_role("link")
    assert links.count() == 13
    assert links.first.get_attribute("href") == "../evidence/2026/carts-1125-beef.html"


def test_a_year_of_many_tables_is_quick(window: Window) -> None:
    drills = [summary(f"table-{number}", ASKED - timedelta(hours=number)) for number in range(3000)]
    page = window.open(year_page(2026, year_of(drills, []), ASKED))
    assert page.locator("tbody tr").count() == 3000

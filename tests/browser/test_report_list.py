"""The list of tables in a browser: search, filters, pages, by keyboard alone, at any size."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Page, expect

from tests.browser import samples
from tests.browser.conftest import PHONE, Window


@cache
def working_day() -> str:
    return samples.html(samples.working_day())


@cache
def ten_thousand() -> str:
    return samples.html(samples.ten_thousand())


def names(page: Page) -> list[str]:
    return page.locator("#rows [data-slot=name]").all_inner_texts()


def focused(page: Page) -> str:
    """The id of what the keyboard is on, or what it says."""
    script = "(a => a.id || a.value || a.textContent)(document.activeElement)"
    said: str = page.evaluate(script)
    return said


def tab_to(page: Page, target: str) -> None:
    """Press the tab key until the keyboard is there."""
    for _ in range(30):
        if focused(page) == target:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the tab key does not lead to {target}")


def test_what_needs_a_person_comes_first(window: Window) -> None:
    page = window.open(working_day())
    first = ["Ledger-old", "Carts", "Prices", "Load-test", "Customers-v2", "Sessions-eu"]
    assert names(page)[:6] == first
    expect(page.locator("#count")).to_have_text("1 to 50 of 120 tables")


def test_the_scripts_rows_are_those_of_the_page_without_it(window: Window) -> None:
    def rows(page: Page) -> list[str]:
        script = "rows => rows.map(row => row.outerHTML.replace(/\\s+/g, ' '))"
        found: list[str] = page.locator("#rows tr").evaluate_all(script)
        return found

    without = rows(window.open(working_day(), java_script_enabled=False))
    assert rows(window.open(working_day())) == without
    assert len(without) == 50


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("carts drift", []),
        ("LEDGER-old", ["Ledger-old"]),
        ("service control", ["Ledger-old"]),
        ("team-performance", ["Load-test"]),
        ("210987654321", ["Sessions-eu"]),
        ("sessions-eu  eu-central", ["Sessions-eu"]),
        ("<script>", []),
    ],
)
def test_the_search_finds_all_words_wherever_they_stand(
    window: Window, typed: str, found: list[str]
) -> None:
    page = window.open(working_day())
    page.get_by_role("searchbox", name="Search").fill(typed)
    assert names(page) == found
    expect(page.get_by_role("status")).to_have_text(f"{len(found)} found among 120 tables")


def test_filters_narrow_one_another(window: Window) -> None:
    page = window.open(working_day())
    page.get_by_role("combobox", name="Region").select_option("eu-central-1")
    page.get_by_role("radio", name="Drifted").check()
    assert names(page) == ["Prices"]
    page.get_by_role("radio", name="Needs a person").check()
    assert names(page) == ["Prices", "Load-test"]
    page.get_by_role("searchbox").fill("load")
    assert names(page) == ["Load-test"]
    page.get_by_role("radio", name="All").check()
    page.get_by_role("searchbox").fill("")
    page.get_by_role("combobox", name="Region").select_option("All regions")
    page.get_by_role("combobox", name="Account").select_option("210987654321")
    assert names(page) == ["Sessions-eu"]


def test_the_keyboard_is_enough(window: Window) -> None:
    page = window.open(working_day())
    tab_to(page, "search")
    page.keyboard.type("carts")
    expect(page.get_by_role("status")).to_contain_text("found among 120 tables")
    assert names(page)[0] == "Carts"
    page.keyboard.press("Escape")  # clears a search box, in Chromium as elsewhere
    expect(page.get_by_role("status")).to_have_text("1 to 50 of 120 tables")
    page.keyboard.press("Tab")
    page.keyboard.type("us-east-1")
    expect(page.locator("#region")).to_have_value("us-east-1")
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")  # from "All" to "Needs a person"
    assert names(page) == ["Ledger-old", "Carts", "Prices", "Load-test"]
    page.keyboard.press("ArrowLeft")
    tab_to(page, "next")
    page.keyboard.press("Enter")
    page.keyboard.press("Space")
    expect(page.get_by_role("status")).to_have_text("101 to 120 of 120 tables")
    assert focused(page) == "next"
    page.keyboard.press("Enter")  # there is no further page, and the keyboard stays where it is
    expect(page.get_by_role("status")).to_have_text("101 to 120 of 120 tables")
    assert focused(page) == "next"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("51 to 100 of 120 tables")


def test_where_the_keyboard_is_can_be_seen(window: Window) -> None:
    page = window.open(working_day())
    for _ in range(6):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            """() => {
              const here = document.activeElement;
              const shown = here.type === "radio" ? here.nextElementSibling : here;
              return getComputedStyle(shown).outlineStyle;
            }"""
        )
        assert outline == "solid", focused(page)


def test_the_button_under_the_list_leads_to_the_beginning_of_the_next(window: Window) -> None:
    page = window.open(working_day(), PHONE)
    page.get_by_role("button", name="Next tables").click()
    expect(page.get_by_role("status")).to_have_text("51 to 100 of 120 tables")
    assert focused(page) == "tables"
    expect(page.locator("#tables")).to_be_in_viewport()


def test_ten_thousand_tables_stay_usable(
    window: Window, record_property: Callable[[str, object], None]
) -> None:
    page = window.open(ten_thousand())
    expect(page.get_by_role("status")).to_have_text("1 to 50 of 10,000 tables")
    search = page.get_by_role("searchbox")
    started = time.monotonic()
    search.fill("orders-04")
    expect(page.get_by_role("status")).to_contain_text("found among 10,000 tables")
    record_property("seconds_to_search_10000_tables", round(time.monotonic() - started, 3))
    assert page.locator("tr").count() < 100  # however many there are, few are in the page
    search.fill("drifted-09900")
    assert names(page) == ["Drifted-09900"]
    search.fill("")
    page.locator("#next").evaluate(
        "button => { for (let page = 1; page < 200; page++) button.click() }"
    )
    expect(page.get_by_role("status")).to_have_text("9,951 to 10,000 of 10,000 tables")
    assert page.locator("#rows tr").count() == 50


def test_a_house_without_tables_has_an_empty_list(window: Window) -> None:
    page = window.open(samples.html(samples.empty()))
    expect(page.get_by_role("status")).to_have_text("0 tables")
    expect(page.locator("table.tables")).to_be_hidden()

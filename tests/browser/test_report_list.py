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


TYPE = """(typed) => {
  const search = document.getElementById("search");
  search.value = typed;
  const begun = performance.now();
  search.dispatchEvent(new Event("input", { bubbles: true }));
  return performance.now() - begun;
}"""


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


def test_a_hundred_thousand_tables_of_five_hundred_accounts_stay_usable(
    window: Window, record_property: Callable[[str, object], None]
) -> None:
    html = samples.html(samples.organization())
    assert len(html) < 10_000_000  # on a telephone this is what takes the time
    page = window.open(html)
    expect(page.get_by_role("status")).to_have_text("1 to 50 of 100,000 tables")
    after_the_last_byte = page.evaluate(
        "performance.timing.domContentLoadedEventEnd - performance.timing.responseEnd"
    )
    record_property("milliseconds_to_show_100000_tables", after_the_last_byte)
    assert after_the_last_byte < 4000

    typed = ["shipments-0", "team-123", "drifted-099900", "nothing of this name"]
    page.get_by_role("searchbox").fill("warm")  # the first search reads what there is to find
    taken = [page.evaluate(TYPE, text) for text in typed]
    record_property("milliseconds_to_search_100000_tables", [round(each) for each in taken])
    # The fastest: what else the machine does at that moment is not the page's. It is 10 ms, and was
    # 310 when the filters were read for each table.
    assert min(taken) < 150
    page.get_by_role("searchbox").fill("team-123 drifted")
    assert len(names(page)) == 0
    page.get_by_role("searchbox").fill("drifted-099900")
    assert names(page) == ["Drifted-099900"]


def test_an_account_among_five_hundred_is_found_by_its_name_with_the_keyboard_on_a_telephone(
    window: Window,
) -> None:
    page = window.open(samples.html(samples.organization()), PHONE)
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    page.locator("#account").focus()
    page.keyboard.type("team-300")
    expect(page.locator("#account")).to_have_value("team-300 (100000000300)")
    expect(page.get_by_role("status")).to_have_text("1 to 50 of 200 found among 100,000 tables")
    assert set(page.locator("#rows [data-slot=place]").all_inner_texts()) <= {
        f"{region} · team-300 (100000000300)" for region in (*samples.REGIONS, "us-west-2")
    }
    page.get_by_role("radio", name="Drifted").check(force=True)
    expect(page.get_by_role("status")).to_contain_text("200 found among 100,000 tables")
    page.get_by_role("combobox", name="Region").select_option("us-west-2")
    expect(page.get_by_role("status")).to_contain_text("50 found among 100,000 tables")


def test_a_house_without_tables_has_an_empty_list(window: Window) -> None:
    page = window.open(samples.html(samples.empty()))
    expect(page.get_by_role("status")).to_have_text("0 tables")
    expect(page.locator("table.tables")).to_be_hidden()

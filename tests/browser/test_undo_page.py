"""The page of an undo in a browser: for everybody, on a phone, in the dark, at 100,000 items."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, NARROWEST, PHONE, Window
from tests.fakes.undo_pages import many, plan_of, report_of, spoilt_night

SIZES = pytest.mark.parametrize(
    "size", [DESKTOP, PHONE, NARROWEST], ids=["desktop", "phone", "narrowest"]
)


@cache
def plan() -> str:
    return plan_of(spoilt_night())


def keys(page: Page) -> list[str]:
    return page.locator("#rows [data-slot=key]").all_inner_texts()


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_for_everybody(window: Window, size: tuple[int, int], scheme: Any) -> None:
    page = window.open(plan(), size, color_scheme=scheme)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert "color-contrast" in {rule["id"] for rule in results.response["passes"]}
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


def test_conflicts_come_first(window: Window) -> None:
    page = window.open(plan())
    assert keys(page)[0] == "order-903"
    expect(page.get_by_role("status")).to_have_text("1 to 25 of 66 items")
    expect(page.get_by_role("img", name="Conflict: 1")).to_be_visible()


def test_what_the_damage_did_and_what_came_since_can_be_told_apart(window: Window) -> None:
    page = window.open(plan())
    page.get_by_role("radio", name="Merge").check(force=True)
    item = page.locator("#rows .item")
    assert item.count() == 1
    assert item.locator(".damage").all_inner_texts() == ["1"]
    assert item.locator(".since").all_inner_texts() == ["shipped"]
    lines = [
        item.locator(f".{mark} bdi").evaluate("each => getComputedStyle(each).textDecorationLine")
        for mark in ("damage", "since")
    ]
    assert lines == ["line-through", "underline"]  # not by colour alone


def test_items_are_found_by_key_and_kind_with_the_keyboard_alone(window: Window) -> None:
    page = window.open(plan())
    search = page.get_by_role("searchbox")
    search.focus()
    page.keyboard.type("order-90")
    expect(page.get_by_role("status")).to_have_text("6 found among 66 items")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("status")).to_have_text("1 found among 66 items")
    assert keys(page) == ["order-903"]


def test_without_its_script_it_shows_the_first_items_and_where_the_rest_is(window: Window) -> None:
    page = window.open(plan(), java_script_enabled=False)
    assert len(keys(page)) == 25
    expect(page.locator("#without-script")).to_contain_text("items.jsonl")


def test_what_was_done_is_the_same_page(window: Window) -> None:
    page = window.open(report_of(spoilt_night()))
    expect(page.get_by_role("heading", level=1)).to_have_text("Undone: Orders")
    page.get_by_role("radio", name="Put back").check(force=True)
    assert keys(page) == ["order-901"]
    assert page.locator("#rows td[data-slot=live]").all_inner_texts() == ["order-901", "40"]


def test_a_hundred_thousand_items_stay_usable(window: Window) -> None:
    page = window.open(plan_of(list(many(100_000))))
    expect(page.get_by_role("status")).to_have_text("1 to 25 of 100,000 items")
    assert len(set(keys(page)[:25])) == 25
    assert page.locator("#rows .conflict").count() == 25
    page.get_by_role("searchbox").fill("order-099999")
    assert keys(page) == ["order-099999"]
    assert page.locator("tr").count() < 100


def test_light_and_dark_are_two_looks(window: Window, tmp_path: Path) -> None:
    looks = {
        scheme: window.open(plan(), color_scheme=scheme).screenshot(path=tmp_path / f"{scheme}.png")
        for scheme in ("light", "dark")
    }
    assert looks["light"] != looks["dark"]

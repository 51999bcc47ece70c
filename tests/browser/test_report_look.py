"""How the report looks, and to whom: both colour schemes, a phone, paper, no script, no mouse."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, expect

from tests.browser import samples
from tests.browser.conftest import DESKTOP, NARROWEST, PHONE, Window
from tests.fakes.reports import HOSTILE

SIZES = pytest.mark.parametrize(
    "size", [DESKTOP, PHONE, NARROWEST], ids=["desktop", "phone", "narrowest"]
)
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


@cache
def working_day() -> str:
    return samples.html(samples.working_day())


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


@SIZES
@SCHEMES
def test_the_page_is_for_everybody(window: Window, size: tuple[int, int], scheme: Any) -> None:
    """Contrast, names, roles, landmarks: whatever axe-core knows of WCAG 2.2 AA, and its advice."""
    page = window.open(working_day(), size, color_scheme=scheme)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    tested = {rule["id"] for rule in results.response["passes"]}
    assert {"color-contrast", "label", "aria-required-children"} <= tested


def test_light_and_dark_are_two_looks(window: Window, tmp_path: Path) -> None:
    looks = {}
    for scheme in ("light", "dark"):
        page = window.open(working_day(), color_scheme=scheme)
        picture = page.screenshot(path=tmp_path / f"{scheme}.png")
        looks[scheme] = (background(page), picture)
    assert looks["light"][0] == "rgb(245, 246, 248)"
    assert looks["dark"][0] == "rgb(16, 19, 23)"
    assert looks["light"][1] != looks["dark"][1]


@SCHEMES
def test_no_two_statuses_differ_by_colour_alone(window: Window, scheme: Any) -> None:
    page = window.open(working_day(), color_scheme=scheme)
    legend = page.locator(".legend li")
    assert len(set(legend.all_inner_texts())) == 4
    signs = legend.locator("use").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    assert len(set(signs)) == 4
    label = "Protected: 115, Exempt: 2, Drifted: 2, Not checked: 1"
    expect(page.get_by_role("img", name=label)).to_be_visible()


@SIZES
def test_nothing_is_wider_than_the_window(window: Window, size: tuple[int, int]) -> None:
    for html in (working_day(), samples.html(samples.saying("x" * 255))):
        page = window.open(html, size)
        widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1]


def test_a_phone_shows_each_table_as_a_card(window: Window) -> None:
    page = window.open(working_day(), PHONE)
    first = page.locator("#rows tr").nth(2)
    boxes = [cell.bounding_box() for cell in first.locator("> *").all()]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    assert len(set(tops)) == 4
    expect(first).to_contain_text("Period")
    expect(first).to_contain_text("7 of 35 days")
    # It is still a table to whoever hears it.
    expect(page.get_by_role("table", name="Tables")).to_have_count(1)
    expect(page.get_by_role("rowheader", name="Prices")).to_have_count(1)


def test_a_window_is_a_bar_against_its_own_period(window: Window) -> None:
    page = window.open(working_day())
    row = page.get_by_role("row", name="Prices")
    fill, track = (row.locator(f"rect.{part}").bounding_box() for part in ("fill", "track"))
    assert fill
    assert track
    assert fill["width"] / track["width"] == pytest.approx(0.2, abs=0.01)


def test_on_paper_it_is_dark_on_white_whatever_the_screen_is(window: Window) -> None:
    page = window.open(working_day(), color_scheme="dark")
    page.emulate_media(media="print")
    assert background(page) == "rgba(0, 0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(26, 31, 39)"
    expect(page.locator("#filters")).to_be_hidden()
    assert page.pdf().startswith(b"%PDF")


def test_without_script_the_numbers_and_the_first_tables_are_there(window: Window) -> None:
    page = window.open(working_day(), java_script_enabled=False)
    expect(page.get_by_role("heading", name="115 of 120 tables protected")).to_be_visible()
    expect(page.locator("#count")).to_have_text("The first 50 of 120 tables")
    expect(page.locator("#rows tr").first).to_contain_text("Ledger-old")
    expect(page.get_by_text("need JavaScript")).to_be_visible()
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator("#turn")).to_be_hidden()


@pytest.mark.parametrize("text", [*HOSTILE, "<img src=https://example.com/x>", "=1+1"])
def test_hostile_text_is_shown_and_does_nothing(window: Window, text: str) -> None:
    page = window.open(samples.html(samples.saying(text)))
    shown = "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
    page.get_by_role("searchbox").fill("e")
    page.get_by_role("searchbox").fill("")
    assert page.locator("#rows [data-slot=name]").first.text_content() == shown
    assert page.locator("main img:not([role]), main script, [onerror], [onload]").count() == 0


def test_the_policy_stops_what_would_slip_in(window: Window) -> None:
    page = window.open(working_day())
    page.evaluate(
        """() => {
          window.stopped = [];
          addEventListener("securitypolicyviolation",
            (event) => stopped.push(event.effectiveDirective));
          document.body.insertAdjacentHTML("beforeend",
            `<img src="https://example.com/x"><p style="color: red">x</p>
             <form action="https://example.com/"><button id="send">x</button></form>
             <iframe src="https://example.com/"></iframe>`);
          const script = document.createElement("script");
          script.textContent = "window.slippedIn = true";
          document.body.append(script);
          fetch("https://example.com/").catch(() => {});
        }"""
    )
    page.wait_for_function("stopped.length >= 5")
    assert set(page.evaluate("stopped")) == {
        "img-src",
        "style-src-attr",
        "frame-src",
        "script-src-elem",
        "connect-src",
    }
    assert page.evaluate("window.slippedIn") is None
    assert not [note for note in window.noted if note.startswith("request")]
    window.noted.clear()  # the console tells of each of them

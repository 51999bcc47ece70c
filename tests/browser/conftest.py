"""Opens reports in headless Chromium, and watches what they do there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from tests.browser.chromium import FLAGS, MISSING, chromium, installed

ADDRESS = "http://report.test/latest/report.html"
DESKTOP, PHONE, NARROWEST = (1280, 900), (390, 844), (320, 640)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, where it is seen, what else would only be a number of skipped tests."""
    if installed() is None:
        terminalreporter.write_line(f"tests/browser: {MISSING}", yellow=True)


@dataclass
class Window:
    """Opens pages. What a page must not do is noted: talk to the console, or ask for anything."""

    browser: Browser
    noted: list[str] = field(default_factory=list)

    def open(self, html: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Page:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale="en-GB", **options
        )
        page = context.new_page()

        def answer(route: Route, request: Request) -> None:
            if request.url == ADDRESS:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
                return
            self.noted.append(f"request: {request.url}")
            route.abort()

        page.route("**/*", answer)
        page.on("console", lambda message: self.noted.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.noted.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.noted.append(f"dialog: {dialog.message}"))
        page.goto(ADDRESS)
        return page


# For a module, not for the session: while Playwright runs, its event loop is this thread's, and
# other suites have loops of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Window]:
    window = Window(browser)
    yield window
    for context in browser.contexts:
        context.close()
    assert window.noted == []

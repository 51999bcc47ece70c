"""Opens reports in headless Chromium, and watches what they do there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from tests.browser.chromium import FLAGS, MISSING, chromium, installed

ADDRESS = "http://report.test/latest/report.html"
DESKTOP, PHONE, NARROWEST = (1280, 900), (390, 844), (320, 640)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, where it is seen, what else would only be a number of skipped tests."""
    if installed() is None:
        terminalreporter.write_line(f"tests/browser: {MISSING}", yellow=True)


class Pages:
    """Pages that tests lend one another: each new one is a new process of Chromium's, which takes
    more than most tests."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: list[Page] = []

    def take(self, java_script_enabled: bool) -> Page:
        """A page that nobody uses."""
        if self._idle and java_script_enabled:
            return self._idle.pop()
        context = self._browser.new_context(locale="en-GB", java_script_enabled=java_script_enabled)
        return context.new_page()

    def give_back(self, page: Page, java_script_enabled: bool) -> None:
        """What a page shows and notes goes; of what it can keep, storage, reports use none."""
        page.unroute_all()
        if not java_script_enabled:
            page.context.close()
            return
        page.goto("about:blank")
        self._idle.append(page)


@dataclass
class Window:
    """Opens pages. What a page must not do is noted: talk to the console, or ask for anything."""

    pages: Pages
    noted: list[str] = field(default_factory=list)
    _opened: list[tuple[Page, bool]] = field(default_factory=list)

    def open(
        self,
        html: str,
        size: tuple[int, int] = DESKTOP,
        color_scheme: Literal["light", "dark"] = "light",
        *,
        java_script_enabled: bool = True,
    ) -> Page:
        page = self.pages.take(java_script_enabled)
        self._opened.append((page, java_script_enabled))
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(media="null", color_scheme=color_scheme)

        def answer(route: Route, request: Request) -> None:
            if request.url == ADDRESS:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
                return
            self.noted.append(f"request: {request.url}")
            route.abort()

        page.route("**/*", answer)
        for event, listener in self._listeners.items():
            page.on(event, listener)  # type: ignore[call-overload]  # it knows literals alone
        page.goto(ADDRESS)
        return page

    def close(self) -> None:
        for page, java_script_enabled in self._opened:
            for event, listener in self._listeners.items():
                page.remove_listener(event, listener)
            self.pages.give_back(page, java_script_enabled)
        self._opened.clear()

    @cached_property
    def _listeners(self) -> dict[str, Callable[[Any], None]]:
        return {
            "console": lambda message: self.noted.append(f"console: {message.text}"),
            "pageerror": lambda error: self.noted.append(f"error: {error}"),
            "dialog": lambda dialog: self.noted.append(f"dialog: {dialog.message}"),
        }


# For a module, not for the session: while Playwright runs, its event loop is this thread's, and
# other suites have loops of their own.
@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    program = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield Pages(browser)
        browser.close()


@pytest.fixture
def window(pages: Pages) -> Iterator[Window]:
    window = Window(pages)
    yield window
    window.close()
    assert window.noted == []

"""`python -m tests.browser.pictures FOLDER`: draws the page of a plan, for the documentation."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, installed
from tests.fakes.undo_pages import plan_of, spoilt_night


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1000, "height": 1180}, color_scheme="light")
        page.set_content(plan_of(spoilt_night()))
        page.locator("#items").scroll_into_view_if_needed()
        page.screenshot(path=Path(sys.argv[1]) / "undo-plan.png")
        browser.close()


if __name__ == "__main__":
    main()

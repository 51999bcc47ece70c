"""`python -m tests.browser.pictures FOLDER`: pictures of a plan's page, and of five alerts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import FLAGS, installed
from tests.fakes.undo_pages import plan_of, spoilt_night

_ALERTS = Path(__file__).parents[2] / "docs/alerts.md"
_STYLE = """
body { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; margin: 0; padding: 24px; }
body { width: 952px; background: #eceff3; color: #1a1f27; }
body { font: 15px/1.45 system-ui, "Noto Sans", sans-serif; }
article { padding: 16px 20px; border-radius: 14px; background: #fff; overflow-wrap: anywhere; }
article:first-child { grid-column: span 2; }
h2 { margin: 0 0 6px; font-size: 16px; }
p { margin: 0; }
.do { margin-top: 8px; color: #566071; }
"""


def main() -> None:
    folder = Path(sys.argv[1])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), args=FLAGS)
        _draw(browser, plan_of(spoilt_night()), folder / "undo-plan.png", 1180)
        _draw(browser, f"<style>{_STYLE}</style>{''.join(alerts())}", folder / "alerts.png", None)
        browser.close()


def _draw(browser: Browser, html: str, to: Path, height: int | None) -> None:
    page = browser.new_page(viewport={"width": 1000, "height": height or 400}, color_scheme="light")
    page.set_content(html)
    page.screenshot(path=to, full_page=height is None)


def alerts() -> Iterator[str]:
    """The beginning of each alert as a phone shows it, and what it says to do."""
    found = re.findall(r"\*\*(\[.+?)\*\*\n\n```text\n(.+?)```", _ALERTS.read_text(), re.DOTALL)
    for subject, text in found:
        first, *rest = text.strip().split("\n\n")
        advice = next(part for part in rest if part.startswith("What to do"))
        yield (
            f"<article><h2>{escape(subject)}</h2><p>{escape(first)}</p>"
            f"<p class='do'>{escape(advice)}</p></article>"
        )


if __name__ == "__main__":
    main()

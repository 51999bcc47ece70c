"""How the suites run: property tests the same on every run, and the suites side by side.

``--hypothesis-profile thorough`` tries more examples. ``make test`` runs pytest on several
processes: tests that share an embedded AWS or a browser stay in one, where they mostly wait, and
every other file goes where there is room.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("repeatable")

_TESTS = Path(__file__).parent
# The longest first: what begins last would be waited for alone.
_LONGEST_FIRST = ("e2e", "chaos", "e2e/restores", "localcloud")
_SHARING = ("e2e/restores", "e2e", "chaos", "localcloud", "browser")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = _group(item)
    return _LONGEST_FIRST.index(group) if group in _LONGEST_FIRST else len(_LONGEST_FIRST)


def _group(item: pytest.Item) -> str:
    file = item.path.relative_to(_TESTS)
    return next((suite for suite in _SHARING if file.is_relative_to(suite)), file.as_posix())

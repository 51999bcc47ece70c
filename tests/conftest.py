"""How the suites run: property tests the same on every run, and the suites side by side.

``--hypothesis-profile thorough`` tries more examples. ``make test`` runs pytest on several
processes: tests that share an embedded AWS or a browser stay in one, where they mostly wait, and
every other file goes where there is room.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("repeatable")

# What begins last would be waited for alone.
_LONGEST_FIRST = ("tests/e2e", "tests/chaos", "tests/e2e/restores", "tests/localcloud")
_SHARING = ("tests/e2e/restores", "tests/e2e", "tests/chaos", "tests/localcloud", "tests/browser")


class _BySuite(LoadScopeScheduling):  # type: ignore[misc]  # it ships no types
    """Not xdist's own groups: it marks them in a test's id, which pytest 9.2 doesn't let it."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _BySuite:
    return _BySuite(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = _group(item.nodeid)
    return _LONGEST_FIRST.index(group) if group in _LONGEST_FIRST else len(_LONGEST_FIRST)


def _group(nodeid: str) -> str:
    file, _, _ = nodeid.partition("::")
    return next((suite for suite in _SHARING if file.startswith(f"{suite}/")), file)

"""How the suites run: property tests the same on every run, and the suites side by side.

``--hypothesis-profile thorough`` tries more examples. ``make test`` runs pytest on several
processes: tests that share an embedded AWS or a browser stay in one, where they mostly wait, and
every other file goes where there is room.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

import botocore.hooks
import botocore.session
import moto.core.models
import pytest
from botocore.hooks import EventAliaser
from botocore.loaders import create_loader
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("thorough", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("repeatable")

# What begins last would be waited for alone.
_LONGEST_FIRST = (
    "tests/chaos",
    "tests/e2e/organization",
    "tests/e2e/restores",
    "tests/e2e/drills",
    "tests/e2e",
    "tests/e2e/undo",
    "tests/e2e/sweeps",
    "tests/e2e/cli",
    "tests/localcloud",
    "tests/browser",
)
_SHARING = (
    "tests/e2e/restores",
    "tests/e2e/undo",
    "tests/e2e/drills",
    "tests/e2e/organization",
    "tests/e2e/sweeps",
    "tests/e2e/cli",
    "tests/e2e",
    "tests/chaos",
    "tests/localcloud",
    "tests/browser",
)


@pytest.fixture(scope="session", autouse=True)
def _quick_starts() -> Iterator[None]:
    """What a thousand tests would do anew, each for some hundredths of a second."""
    with pytest.MonkeyPatch.context() as patch:
        # Each session of botocore reads the models of AWS's services.
        patch.setattr(botocore.session, "create_loader", cache(create_loader))
        # It also takes the signatures of its hundred handlers apart, and each client reckons by
        # which names botocore knows its events.
        patch.setattr(botocore.hooks, "accepts_kwargs", _takes_any_keyword)
        patch.setattr(botocore.hooks, "EventAliaser", _RememberingAliaser)
        patch.setattr(botocore.session, "EventAliaser", _RememberingAliaser)
        # Each start of moto prepares for other HTTP clients than botocore. There are none here.
        patch.setattr(moto.core.models, "RESPONSES_METHODS", [])
        yield


def _takes_any_keyword(handler: Any) -> bool:
    if inspect.ismethod(handler) or inspect.isfunction(handler):
        return bool(handler.__code__.co_flags & inspect.CO_VARKEYWORDS)
    return inspect.getfullargspec(handler).varkw is not None


class _RememberingAliaser(EventAliaser):
    """One memory for all, as all have botocore's own aliases."""

    _names: ClassVar[dict[str, str]] = {}

    def __init__(self, event_emitter: Any, event_aliases: Any = None) -> None:
        super().__init__(event_emitter, event_aliases)
        self._alias_name_cache = self._names


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

"""One embedded AWS for the whole session, and an account of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import NUMBERS, SETTINGS, Account


@pytest.fixture(scope="session")
def cloud() -> Iterator[LocalCloud]:
    with LocalCloud.start(SETTINGS) as running:
        yield running


@pytest.fixture
def aws(cloud: LocalCloud) -> Iterator[Account]:
    yield Account(cloud, f"{next(NUMBERS):012d}")
    cloud.faults.clear()
    cloud.trail.logging = True

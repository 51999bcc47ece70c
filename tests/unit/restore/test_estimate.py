"""What a restore will cost and how long it may take."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pitr_guardian.restore.estimate import (
    Measured,
    estimate_of,
)
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.prices import PRICES_AS_OF

GB = 1024**3


@pytest.mark.parametrize(
    ("gigabytes", "dollars", "minutes"),
    [(0, 0.0, 60), (1, 0.15, 60), (99, 14.85, 60), (100, 15.0, 600), (2000, 300.0, 600)],
)
def test_price_and_time_follow_the_size(gigabytes: int, dollars: float, minutes: int) -> None:
    estimate = estimate_of(Definition(size_in_bytes=gigabytes * GB))
    assert estimate["sizeInBytes"] == gigabytes * GB
    assert estimate["costInUsd"] == pytest.approx(dollars)
    assert estimate["minutes"] == {"from": 2, "to": minutes}


def test_the_assumptions_behind_it_are_told() -> None:
    told = " ".join(estimate_of(Definition())["assumptions"])
    assert PRICES_AS_OF in told
    assert "us-east-1" in told
    assert "indexes are not counted" in told


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(660, (5, 22)), (30, (1, 1)), (5 * 3600, (150, 600))]
)
def test_a_drill_tells_the_time_better_than_the_size(
    seconds: float, minutes: tuple[int, int]
) -> None:
    measured = Measured(seconds=seconds, at=datetime(2026, 11, 25, tzinfo=UTC))
    estimate = estimate_of(Definition(size_in_bytes=500 * GB), measured)
    assert estimate["minutes"] == dict(zip(("from", "to"), minutes, strict=True))
    told = " ".join(estimate["assumptions"])
    assert f"a drill on 2026-11-25 had a copy of this very table after {seconds / 60:.1f}" in told
    assert "hardly on its size" not in told

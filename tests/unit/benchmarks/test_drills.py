"""What a drill costs is the restore, what changed since, and little else."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from benchmarks.costs import INPUTS
from benchmarks.drills import drill, figure
from pitr_guardian.drills.order import Kind
from pitr_guardian.tables import prices


@pytest.fixture
def inputs() -> dict[str, Any]:
    return tomllib.loads(INPUTS.read_text())


def test_the_restore_is_most_of_it() -> None:
    bill = drill(100, changed=0)
    assert bill.restore == pytest.approx(15)
    assert bill.total == pytest.approx(15, abs=0.06)


def test_exports_are_billed_by_what_changed() -> None:
    quiet, busy = drill(100, changed=0), drill(100, changed=0.01)
    # 17 days in the first round; another one begins where its last export did.
    assert busy.exports == pytest.approx(18 * 0.01 * 100 * 0.10, rel=0.02)
    assert quiet.exports == pytest.approx(18 * 10 / 1024 * 0.10, rel=0.1)


def test_a_part_of_a_giant_costs_cents() -> None:
    assert drill(1_000, changed=0.01, kind=Kind.SMALL).total < 0.05


def test_the_products_prices_are_the_benchmarks(inputs: dict[str, Any]) -> None:
    ours = inputs["prices"]["dynamodb"]
    assert ours["restored_gb"] == prices.RESTORE_USD_PER_GB
    assert pytest.approx(ours["read_unit"] * 1e6) == prices.READ_USD_PER_MILLION


def test_the_figure_reaches_its_goal(inputs: dict[str, Any]) -> None:
    found = figure(inputs)
    assert found.reached
    assert "1 GB $0." in found.measured

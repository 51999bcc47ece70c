"""What an organization pays: one guardian's month, spread over its members."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from benchmarks.billing import guardian
from benchmarks.costs import INPUTS
from benchmarks.organization import a_stack_each, figures, one_guardian, scopes_of
from tests.unit.benchmarks.test_billing import NOTHING, STACK


@pytest.fixture
def inputs() -> dict[str, Any]:
    return tomllib.loads(INPUTS.read_text())


def test_each_scope_is_swept_for_itself(inputs: dict[str, Any]) -> None:
    child = {"express execution": 1}
    usage = NOTHING | {"sweep": {"state transition": 10, **child}, "scope": child}
    bill = one_guardian(usage, inputs, STACK, 1.0)
    assert scopes_of(inputs) == 2_000
    # A child is there for its trail's check, its tables at their pace with a turn, and a bit.
    seconds = 2_000 * (1.0 + 0.5) + 1.02 * (40_000 / 8 + 2_000)
    express = 2_000 * 1e-6 + seconds * 0.0625 * 16.67e-6
    assert bill["Step Functions"] == pytest.approx(730 * (10 * 25e-6 + express))
    daily = one_guardian(usage, inputs, STACK, 1 / 24)
    assert daily["Step Functions"] == pytest.approx(bill["Step Functions"] / 24)


def test_the_audits_time_is_its_tables_and_a_turn_for_each_scope(inputs: dict[str, Any]) -> None:
    inputs["assumed"] |= {"report_seconds": 0, "seconds_per_invocation": 0}
    bill = one_guardian(NOTHING, inputs, STACK, 1.0)
    seconds = 730 * 1.02 * (40_000 / 8 + 2_000)
    assert bill["Lambda"] == pytest.approx(0.25 * seconds * 13.3334e-6)


def test_a_heartbeat_is_an_event_a_run_and_a_note(inputs: dict[str, Any]) -> None:
    each = 1e-6 + 0.20e-6 + 0.5 * 0.1 * 13.3334e-6 + 0.125e-6 + 0.625e-6 + 5e-6
    bill = one_guardian(NOTHING, inputs, STACK, 1.0)
    assert bill["heartbeats"] == pytest.approx(2_000 * 730 * each)


def test_a_stack_each_pays_for_its_alarms_each(inputs: dict[str, Any]) -> None:
    alone = a_stack_each(NOTHING, inputs, STACK)
    assert alone["alarms, dashboard and metrics"] == pytest.approx(2_000 * (1.0 + 3.0 + 1.5))
    # Nothing that goes with tables or their changes is more or less by being spread.
    drift = NOTHING | {"drift": {"call events:PutEvents": 1}}
    together = one_guardian(drift, inputs, STACK, 1.0)["EventBridge"]
    assert a_stack_each(drift, inputs, STACK)["EventBridge"] == pytest.approx(together)


def test_the_figures_say_what_the_sums_are_made_of(inputs: dict[str, Any]) -> None:
    beside_stacks, beside_config = figures(NOTHING, inputs, STACK)
    assert "500 accounts with 4 regions and 20 tables" in beside_stacks.what
    assert "heartbeats $" in beside_stacks.note
    assert beside_config.measured.endswith("beside $58.56")
    assert "$160.00 more" in beside_config.note


def test_one_scope_is_what_a_single_account_is(inputs: dict[str, Any]) -> None:
    usage = NOTHING | {"sweep": {"state transition": 10}, "scope": {"state transition": 5}}
    assert guardian(usage, inputs, STACK, scopes=1) == guardian(usage, inputs, STACK)

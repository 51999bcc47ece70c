"""A month's costs are what was counted, times how often it happens, times its price."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from benchmarks.billing import Stack, backup_plan, config_rule, guardian, pitr
from benchmarks.costs import INPUTS, figures, of_size

STACK = Stack(
    alarms=10,
    metrics=5,
    dashboards=1,
    calls_per_second=8,
    tables_per_stretch=300,
    memory_gb=0.5,
    audit_memory_gb=0.25,
    report_memory_gb=1.0,
)
NOTHING: dict[str, dict[str, float]] = {
    name: {} for name in ("birth", "drift", "restore", "sweep", "scope", "stretch")
}


@pytest.fixture
def inputs() -> dict[str, Any]:
    return tomllib.loads(INPUTS.read_text())


def test_what_happens_is_billed_as_often_as_it_happens(inputs: dict[str, Any]) -> None:
    usage = NOTHING | {"drift": {"state transition": 2}, "birth": {"state transition": 0.5}}
    transitions = 2 * 200 + 0.5 * 1_000
    without = guardian(NOTHING, inputs, STACK)["Step Functions"]
    told = guardian(usage, inputs, STACK)["Step Functions"]
    assert told - without == pytest.approx(transitions * 25e-6)


def test_a_sweep_has_as_many_further_stretches_as_its_tables_need(inputs: dict[str, Any]) -> None:
    inputs["assumed"]["report_kb_per_table"] = 0
    usage = NOTHING | {"stretch": {"call s3:PUT": 1}, "sweep": {"call s3:PUT": 7}}
    bill = guardian(usage, inputs, STACK)
    assert bill["S3"] == pytest.approx(730 * (7 + 33) * 5e-6)  # 10,000 tables are 34 stretches


def test_a_workflows_own_calls_cost_as_a_functions_do(inputs: dict[str, Any]) -> None:
    of_functions = NOTHING | {"drift": {"call dynamodb:UpdateItem": 1, "call events:PutEvents": 1}}
    of_workflows = NOTHING | {"drift": {"task dynamodb:updateItem": 1, "task events:putEvents": 1}}
    assert guardian(of_functions, inputs, STACK) == guardian(of_workflows, inputs, STACK)
    assert guardian(of_functions, inputs, STACK)["EventBridge"] == pytest.approx(200 * 1e-6)


def test_calls_to_dynamodbs_control_plane_are_free(inputs: dict[str, Any]) -> None:
    usage = NOTHING | {"sweep": {"call dynamodb:DescribeContinuousBackups": 10_000}}
    assert guardian(usage, inputs, STACK) == guardian(NOTHING, inputs, STACK)


def test_the_audits_time_follows_from_its_pace(inputs: dict[str, Any]) -> None:
    inputs["assumed"]["report_seconds"] = 0
    bill = guardian(NOTHING, inputs, STACK)
    seconds = 730 * 1.02 * (10_000 / 8 + 34)
    of_the_trail_check = 730 * 0.5
    assert bill["Lambda"] == pytest.approx((0.25 * seconds + of_the_trail_check) * 13.3334e-6)


def test_the_rule_pays_for_each_change_and_each_remediation(inputs: dict[str, Any]) -> None:
    items, remediations = 2 * (1_000 + 20 + 200), 1_220
    assert config_rule(inputs) == pytest.approx(
        {
            "configuration items": items * 0.003,
            "evaluations": items * 0.001,
            "remediation": remediations * 2 * 0.002,
        }
    )


def test_backups_and_pitr_cost_by_size(inputs: dict[str, Any]) -> None:
    inputs["month"]["gb_per_table"] = 3
    assert backup_plan(inputs) == pytest.approx({"snapshots": 105_000.0, "restores": 9.0})
    assert pitr(inputs) == pytest.approx({"PITR": 6_000.0, "restores": 9.0})


def test_the_table_says_what_each_sum_is_made_of(inputs: dict[str, Any]) -> None:
    small, _, large, beside_backup, of_a_drill, *_ = figures(NOTHING, inputs)
    assert of_a_drill.against.startswith("the restore alone")
    assert large.measured.endswith("by default, beside $14.64")
    assert "alarms, dashboard and metrics $1.00" in large.note
    assert "`full` $" in large.what
    assert small.goal == "at most $2 by default"
    assert beside_backup.measured.endswith("beside $35,003.00")
    assert "1 GB a table" in beside_backup.note


def test_what_happens_goes_with_the_size_of_the_account(inputs: dict[str, Any]) -> None:
    month = of_size(inputs, 1_000)["month"]
    assert (month["tables"], month["births"], month["drifts"], month["restores"]) == (
        *(1_000, 100, 20),
        2,
    )
    assert sum(config_rule(of_size(inputs, 1_000)).values()) == pytest.approx(1.464)

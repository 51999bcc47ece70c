"""What a month costs, beside AWS Config and AWS Backup: counted use, public prices (costs.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from benchmarks.billing import Bill, Stack, backup_plan, config_rule, guardian, pitr
from benchmarks.figures import Figure
from benchmarks.processes import measured
from pitr_guardian.facts.measures import METRICS_OF, Observability
from pitr_guardian.sweep.walk import Bounds
from tests.infrastructure.stack import deployed

INPUTS = Path(__file__).with_suffix(".toml")
_TABLES_COUNTED = "10"
_GOAL = "a sum of counted use and public prices"


def run(runs: int = 5) -> list[Figure]:  # noqa: ARG001  # what is counted is counted once
    inputs = tomllib.loads(INPUTS.read_text())
    usage = measured("usage.py", _TABLES_COUNTED, variables={})
    return figures(guardian(usage, inputs, _stack()), inputs)


def figures(ours: Bill, inputs: dict[str, Any]) -> list[Figure]:
    month, prices = inputs["month"], inputs["prices"]
    what = (
        f"a month of {month['tables']:,} tables, {month['births']:,} births, {month['drifts']} "
        f"drifts, {month['restores']} restores, swept every hour: the guardian itself"
    )
    rule, plan, on = config_rule(inputs), backup_plan(inputs), pitr(inputs)
    total = sum(ours.values())
    size = f"{month['gb_per_table']:g} GB a table"
    return [
        Figure(
            what=what,
            against="AWS Config's rule `dynamodb-pitr-enabled`, remediated by AWS's runbook",
            measured=f"${total:.2f}, beside ${sum(rule.values()):.2f}",
            goal=_GOAL,
            reached=None,
            note=f"The guardian: {_lines(ours)}. The rule: {_lines(rule)}; in its first month "
            f"${month['tables'] * (prices['config']['item'] + prices['config']['evaluation']):.2f} "
            "more for the tables that are there, and as much as an item for each other change of "
            "a table that the recorder sees. It neither restores, nor remembers periods, nor "
            "sweeps, nor tells what was lost.",
        ),
        Figure(
            what=f"{what}, with the PITR that it switches on",
            against="AWS Backup: a snapshot a day, each kept for "
            f"{inputs['assumed']['snapshots_kept']} days",
            measured=f"${total + sum(on.values()):,.2f}, beside ${sum(plan.values()):,.2f}",
            goal=_GOAL,
            reached=None,
            note=f"At {size}, which decides both. PITR: {_lines(on)}. AWS Backup: {_lines(plan)}. "
            "A snapshot of DynamoDB is a full copy, and goes back to one moment a day. "
            f"Prices of {prices['date']}, {prices['region']}, without free tiers; not compared: "
            "keys, data transfer, the trail, people.",
        ),
    ]


def _lines(bill: Bill) -> str:
    by_size = sorted(bill.items(), key=lambda line: line[1], reverse=True)
    return ", ".join(f"{name} ${dollars:,.2f}" for name, dollars in by_size)


def _stack() -> Stack:
    """As its templates have it; its defaults are said there and here."""
    bounds = Bounds(per_second=8, seconds=140)
    types = [each.type for each in deployed().resources.values()]
    return Stack(
        alarms=types.count("AWS::CloudWatch::Alarm"),
        metrics=len(METRICS_OF[Observability.ESSENTIAL]),
        dashboards=types.count("AWS::CloudWatch::Dashboard"),
        calls_per_second=bounds.per_second,
        tables_per_stretch=bounds.page * bounds.pages,
        memory_gb=0.5,
        report_memory_gb=1.0,
    )

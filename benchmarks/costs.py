"""What a month costs, beside AWS Config and AWS Backup: counted use, public prices (costs.toml)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from benchmarks import drills, organization
from benchmarks.billing import Bill, Stack, Usage, backup_plan, config_rule, guardian, pitr
from benchmarks.figures import Figure
from benchmarks.processes import measured
from pitr_guardian.facts.measures import METRICS_OF, Observability
from pitr_guardian.sweep.walk import Bounds
from tests.infrastructure.stack import deployed

INPUTS = Path(__file__).with_suffix(".toml")
_TABLES_COUNTED = "10"
SIZES = (10, 1_000, 10_000)
_SMALL, _SMALL_USD = 10, 2.0
"""So many tables are a small account, which pays at most so much."""


def run(runs: int = 5) -> list[Figure]:  # noqa: ARG001  # what is counted is counted once
    inputs = tomllib.loads(INPUTS.read_text())
    usage = measured("usage.py", _TABLES_COUNTED, variables={})
    return figures(usage, inputs)


def figures(usage: Usage, inputs: dict[str, Any]) -> list[Figure]:
    """A figure for each size of account, one beside AWS Backup for the largest, one of drills, and
    two of an organization."""
    months = [of_size(inputs, tables) for tables in SIZES]
    return [
        *(_beside_config(usage, month) for month in months),
        _beside_backup(usage, inputs),
        drills.figure(inputs),
        *organization.figures(usage, inputs, _stack(Observability.ESSENTIAL)),
    ]


def of_size(inputs: dict[str, Any], tables: int) -> dict[str, Any]:
    """The same month in an account of another size: what happens there goes with its tables."""
    month = inputs["month"]
    share = tables / month["tables"]
    happening = {name: month[name] * share for name in ("births", "drifts", "restores")}
    return {**inputs, "month": {**month, **happening, "tables": tables}}


def _beside_config(usage: Usage, inputs: dict[str, Any]) -> Figure:
    month, prices = inputs["month"], inputs["prices"]
    ours = {each: guardian(usage, inputs, _stack(each)) for each in Observability}
    totals = {each: sum(bill.values()) for each, bill in ours.items()}
    by_default, rule = totals[Observability.ESSENTIAL], config_rule(inputs)
    theirs = sum(rule.values())
    small = month["tables"] <= _SMALL
    first = month["tables"] * (prices["config"]["item"] + prices["config"]["evaluation"])
    return Figure(
        what=f"a month of {month['tables']:,} tables, {month['births']:g} births, "
        f"{month['drifts']:g} drifts, {month['restores']:g} restores, swept every hour: the "
        "guardian itself, with `Observability` "
        + ", ".join(f"`{each}` ${totals[each]:.2f}" for each in Observability),
        against="AWS Config's rule `dynamodb-pitr-enabled`, remediated by AWS's runbook",
        measured=f"${by_default:.2f} by default, beside ${theirs:.2f}",
        goal=f"at most ${_SMALL_USD:g} by default" if small else "no more, by default",
        reached=by_default <= (_SMALL_USD if small else theirs),
        note=f"The guardian: {_lines(ours[Observability.ESSENTIAL])}. The rule: {_lines(rule)}; in "
        f"its first month ${first:.2f} more for the tables that are there, and as much as an item "
        "for each other change of a table that the recorder sees. It neither restores, nor "
        "remembers periods, nor sweeps, nor tells what was lost. What the guardian costs whatever "
        "happens is its alarms, the polling of its queues, and its sweeps: of these the rule has "
        "none.",
    )


def _beside_backup(usage: Usage, inputs: dict[str, Any]) -> Figure:
    month, prices = inputs["month"], inputs["prices"]
    ours = guardian(usage, inputs, _stack(Observability.ESSENTIAL))
    plan, on = backup_plan(inputs), pitr(inputs)
    total = sum(ours.values()) + sum(on.values())
    return Figure(
        what=f"a month of {month['tables']:,} tables: the guardian, with the PITR that it "
        "switches on",
        against="AWS Backup: a snapshot a day, each kept for "
        f"{inputs['assumed']['snapshots_kept']} days",
        measured=f"${total:,.2f}, beside ${sum(plan.values()):,.2f}",
        goal="a sum of counted use and public prices",
        reached=None,
        note=f"At {month['gb_per_table']:g} GB a table, which decides both. PITR: {_lines(on)}. "
        f"AWS Backup: {_lines(plan)}. "
        "A snapshot of DynamoDB is a full copy, and goes back to one moment a day. "
        f"Prices of {prices['date']}, {prices['region']}, without free tiers; not compared: "
        "keys, data transfer, the trail, people.",
    )


def _lines(bill: Bill) -> str:
    by_size = sorted(bill.items(), key=lambda line: line[1], reverse=True)
    return ", ".join(f"{name} ${dollars:,.2f}" for name, dollars in by_size)


def _stack(observability: Observability) -> Stack:
    """As its templates have it; its defaults are said there and here."""
    bounds = Bounds(per_second=8, seconds=140)
    resources = deployed(Observability=observability.value).resources.values()
    types = [each.type for each in resources]
    return Stack(
        alarms=types.count("AWS::CloudWatch::Alarm"),
        metrics=len(METRICS_OF[observability]),
        dashboards=types.count("AWS::CloudWatch::Dashboard"),
        calls_per_second=bounds.per_second,
        tables_per_stretch=bounds.page * bounds.pages,
        memory_gb=0.5,
        audit_memory_gb=0.25,
        report_memory_gb=1.0,
    )

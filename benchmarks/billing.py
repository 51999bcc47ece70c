"""What a month costs, from counted use and prices. No I/O."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Bill = dict[str, float]
"""Dollars by what they are for."""

type Usage = Mapping[str, Mapping[str, float]]
"""What is billed of one birth, drift, restore, sweep, and a scope and a stretch more of one."""

_WRITE_UNITS = {"UpdateItem": 1, "PutItem": 1, "DeleteItem": 1, "TransactWriteItems": 6}
"""Of an item up to 1 KB. A transaction has one and an incident up to 2 KB, at twice the price."""
_READ_UNITS = {"GetItem": 1, "Query": 1}
_KB_PER_READ = 8  # eventually consistent: half a unit for 4 KB
_REPORTS_KEPT_HOURS = 400 * 24  # the bucket's life cycle
_EXPRESS_GB = 0.0625  # billed in steps of 64 MB; a small definition with small data takes one
_TURN_SECONDS = 1.02  # the pace's second


@dataclass(frozen=True, slots=True)
class Stack:
    """What the deployed stack is made of, and its defaults."""

    alarms: int
    metrics: int
    dashboards: int
    calls_per_second: int
    tables_per_stretch: int
    memory_gb: float
    audit_memory_gb: float
    report_memory_gb: float


def guardian(
    usage: Usage,
    inputs: Mapping[str, Any],
    stack: Stack,
    *,
    scopes: int = 1,
    sweeps_an_hour: float = 1,
) -> Bill:
    """The guardian's own month; its tables are spread over so many scopes alike."""
    month, assumed, prices = inputs["month"], inputs["assumed"], inputs["prices"]
    sweeps, tables = month["hours"] * sweeps_an_hour, month["tables"]
    stretches = -(-tables // (stack.tables_per_stretch * scopes))
    used = _total(
        usage,
        birth=month["births"],
        drift=month["drifts"],
        restore=month["restores"],
        sweep=sweeps,
        scope=sweeps * (scopes - 1),
        stretch=sweeps * scopes * (stretches - 1),
    )
    invocations = _sum(used, "invocation ")
    audit_seconds = _TURN_SECONDS * (tables / stack.calls_per_second + scopes * stretches)
    others = invocations - used["invocation audit"] - used["invocation report"]
    trail_checks = sweeps * scopes  # they log where audits do
    express_seconds = (
        sweeps * audit_seconds
        + trail_checks * assumed["seconds_per_invocation"]
        + used["express execution"] * assumed["express_seconds_beside"]
    )
    gb_seconds = (
        stack.audit_memory_gb * sweeps * audit_seconds
        + stack.memory_gb * (others + trail_checks) * assumed["seconds_per_invocation"]
        + stack.report_memory_gb * sweeps * assumed["report_seconds"]
    )
    alerts = used["call sns:POST"]
    reads = sum(units * _calls(used, name) for name, units in _READ_UNITS.items())
    writes = sum(units * _calls(used, name) for name, units in _WRITE_UNITS.items())
    # The ledger's records of all tables: read by each sweep, and scanned for its report.
    kb = assumed["ledger_kb_per_table"]
    reads += sweeps * tables * (max(1, kb / 4) / 2 + kb / _KB_PER_READ)
    receives = assumed["idle_receives_per_hour"] * month["hours"]
    messages = used["call dynamodb:DescribeTable"]  # each is a look, but for some of restores
    report_gb = tables * assumed["report_kb_per_table"] / 1e6
    return {
        "Lambda": invocations * prices["lambda"]["request"]
        + gb_seconds * prices["lambda"]["gb_second"],
        "Step Functions": used["state transition"] * prices["states"]["transition"]
        + used["express execution"] * prices["states"]["express_request"]
        + express_seconds * _EXPRESS_GB * prices["states"]["express_gb_second"],
        "ledger": reads * prices["dynamodb"]["read_unit"]
        + writes * prices["dynamodb"]["write_unit"]
        + tables
        * assumed["ledger_kb_per_table"]
        / 1e6
        * (prices["dynamodb"]["storage_gb_month"] + prices["dynamodb"]["pitr_gb_month"]),
        "EventBridge": _calls(used, "PutEvents", service="events")
        * prices["events"]["custom_event"],
        "SQS": (receives + 3 * messages) * prices["sqs"]["request"],
        "SNS": alerts
        * (prices["sns"]["publish"] + assumed["subscribers"] * prices["sns"]["email"]),
        "S3": used["call s3:PUT"] * prices["s3"]["put"]
        + used["call s3:GET"] * prices["s3"]["get"]
        + report_gb * _REPORTS_KEPT_HOURS * prices["s3"]["gb_month"],
        "alarms, dashboard and metrics": stack.alarms * prices["cloudwatch"]["alarm"]
        + stack.dashboards * prices["cloudwatch"]["dashboard"]
        + stack.metrics * prices["cloudwatch"]["metric"],
        "logs": used["log bytes"] / 1e9 * prices["cloudwatch"]["log_gb"],
        "X-Ray": (invocations + sweeps + month["restores"]) * prices["xray"]["trace"],
    }


def config_rule(inputs: Mapping[str, Any]) -> Bill:
    """AWS Config's rule `dynamodb-pitr-enabled` with AWS's runbook as its remediation."""
    month, assumed, prices = inputs["month"], inputs["assumed"], inputs["prices"]
    births = month["births"] + month["restores"]
    items = (
        births * assumed["config_items_per_birth"]
        + month["drifts"] * assumed["config_items_per_drift"]
    )
    remediations = births + month["drifts"]
    return {
        "configuration items": items * prices["config"]["item"],
        "evaluations": items * prices["config"]["evaluation"],
        "remediation": remediations
        * assumed["automation_steps_per_remediation"]
        * prices["automation"]["step"],
    }


def backup_plan(inputs: Mapping[str, Any]) -> Bill:
    """AWS Backup's snapshots, and the restores from them."""
    month, prices = inputs["month"], inputs["prices"]
    gb = month["tables"] * month["gb_per_table"]
    return {
        "snapshots": gb
        * inputs["assumed"]["snapshots_kept"]
        * prices["backup"]["dynamodb_gb_month"],
        "restores": month["restores"] * month["gb_per_table"] * prices["backup"]["restored_gb"],
    }


def pitr(inputs: Mapping[str, Any]) -> Bill:
    """PITR itself, which guardian and rule both switch on, and the restores from it."""
    month, prices = inputs["month"], inputs["prices"]["dynamodb"]
    return {
        "PITR": month["tables"] * month["gb_per_table"] * prices["pitr_gb_month"],
        "restores": month["restores"] * month["gb_per_table"] * prices["restored_gb"],
    }


def _total(usage: Usage, **times: float) -> Counter[str]:
    total: Counter[str] = Counter()
    for happening, count in times.items():
        for what, used in usage[happening].items():
            total[what] += used * count  # type: ignore[assignment]  # a part of a call, on average
    return total


def _sum(used: Counter[str], prefix: str) -> float:
    return sum(count for what, count in used.items() if what.startswith(prefix))


def _calls(used: Counter[str], operation: str, service: str = "dynamodb") -> float:
    """Calls of the guardian's functions and of its workflows."""
    task = operation[0].lower() + operation[1:]
    return used[f"call {service}:{operation}"] + used[f"task {service}:{task}"]

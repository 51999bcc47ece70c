"""Which alarms watch a table, which of them can be copied for another, and what a copy is like."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pitr_guardian.aws.carriers.dimensions import (
    renamed,
    tables_of,
)
from pitr_guardian.tables.reference import TableRef

NOT_COPIED = "alarmsNotCopied"
"""What those that can't be copied are told as."""

_NAME_LENGTH = 255  # CloudWatch API reference, PutMetricAlarm
_LONGEST_TABLE = 200  # of a table's name in an alarm's, so that the original's is told, too
_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
# What PutMetricAlarm takes of what DescribeAlarms gives.
_SETTABLE = (
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    *_ACTIONS,
    "MetricName",
    "Namespace",
    "Statistic",
    "ExtendedStatistic",
    "Dimensions",
    "Period",
    "Unit",
    "EvaluationPeriods",
    "DatapointsToAlarm",
    "EvaluationWindow",
    "WarmUpConfiguration",
    "Threshold",
    "ComparisonOperator",
    "TreatMissingData",
    "EvaluateLowSampleCountPercentile",
    "Metrics",
    "ThresholdMetricId",
)
_UNSET: tuple[object, ...] = (None, [], "")
"""DescribeAlarms gives empty fields where PutMetricAlarm wants none, beside metric math."""

_AUTO_SCALING = "TargetTracking-"
"""How Application Auto Scaling names its own alarms; it makes new ones with the policies."""

_TOLD = 10  # names, in a sentence


def settable(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """What PutMetricAlarm takes of a described alarm."""
    return {field: alarm[field] for field in _SETTABLE if alarm.get(field) not in _UNSET}


def can_be_copied(alarm: Mapping[str, Any], table: TableRef) -> bool:
    """Tell whether an alarm watches a table by a dimension, and by no query that names it."""
    return (
        not alarm["AlarmName"].startswith(_AUTO_SCALING)
        and table.name in tables_of(dict(alarm), table.account)
        and not asks_for(alarm, table)
    )


def asks_for(alarm: Mapping[str, Any], table: TableRef) -> bool:
    """Tell whether a query names a table: of Metrics Insights (``SELECT ...``), or in PromQL."""
    queries = [metric.get("Expression", "") for metric in alarm.get("Metrics", [])]
    queries = [query for query in queries if query.lstrip()[:6].upper() == "SELECT"]
    queries.append(alarm.get("EvaluationCriteria", {}).get("PromQLCriteria", {}).get("Query", ""))
    named = re.compile(rf"(?<![\w.-]){re.escape(table.name)}(?![\w.-])")
    return any(named.search(query) for query in queries)


def uses_any_of(rule: str, names: Iterable[str]) -> bool:
    """Tell whether a composite alarm's rule has one of these alarms, by name or by ARN."""
    operands = re.findall(r'(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|([^)"]*))', rule)
    used = {(quoted or plain).strip().rpartition(":alarm:")[2] for quoted, plain in operands}
    return not used.isdisjoint(names)


def left_behind(by_query: list[str], composite: list[str]) -> str | None:
    """Say which alarms weren't copied, and why."""
    told = []
    if by_query:
        told.append(f"a query names the table, and stays as it is: {_listed(by_query)}")
    if composite:
        told.append(
            f"composite alarms go by the original alarms, not by their copies: {_listed(composite)}"
        )
    return "; ".join(told) + "; make them for the new table yourself" if told else None


def copy_of(alarm: Mapping[str, Any], source: TableRef, target: TableRef) -> dict[str, Any]:
    """Copy an alarm for another table, without actions that its region can't have."""
    copy: dict[str, Any] = renamed(alarm, source.name, target.name)
    copy["AlarmName"] = name_of_copy(alarm["AlarmName"], target.name)
    foreign = foreign_actions(alarm, target.region)
    for field in _ACTIONS:
        if field in copy:
            copy[field] = [action for action in copy[field] if action not in foreign]
    return copy


def name_of_copy(name: str, table: str) -> str:
    """Name a copy: its original's name, and the table's.

    Where that is too long, both are cut, and a hash keeps apart what is cut to the same. The end
    stays, since the role that puts it goes by it.
    """
    whole = f"{name} (restored: {table})"
    if len(whole) <= _NAME_LENGTH:
        return whole
    difference = hashlib.sha256(whole.encode()).hexdigest()[:8]
    end = f"~{difference} (restored: {table[:_LONGEST_TABLE]})"
    return name[: _NAME_LENGTH - len(end)] + end


def foreign_actions(alarm: Mapping[str, Any], region: str) -> set[str]:
    """The actions whose ARN names another region; CloudWatch wants its own region's."""
    actions = [action for field in _ACTIONS for action in alarm.get(field, [])]
    return {action for action in actions if action.split(":")[3] not in ("", region)}


def note_on(alarms: Iterable[Mapping[str, Any]], source: TableRef, target: TableRef) -> str | None:
    """Say what to know about the copies; the same however many of them are put by now."""
    actions: set[str] = set()
    others: set[str] = set()
    wide = []
    for alarm in alarms:
        actions |= foreign_actions(alarm, target.region)
        also = {*tables_of(dict(alarm), source.account)} - {source.name}
        if also:
            wide.append(alarm["AlarmName"])
            others |= also
    told = []
    if actions:
        told.append(f"actions of another region were left out: {', '.join(sorted(actions))}")
    if wide:
        told.append(f"copies of {_listed(wide)} watch other tables, too: {_listed(sorted(others))}")
    return "; ".join(told) or None


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more

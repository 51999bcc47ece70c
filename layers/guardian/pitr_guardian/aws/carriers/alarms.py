"""CloudWatch alarms on the source, copied for the target under a name that says so."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.ports import Kept
from pitr_guardian.restore_request import Setting
from pitr_guardian.table import TableRef

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_NAME_LENGTH = 255  # CloudWatch API reference, PutMetricAlarm
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


class AlarmsCarrier:
    """Carries the alarms whose dimension names the source."""

    setting = Setting.ALARMS

    def __init__(self, client_for: "Callable[[str], CloudWatchClient]") -> None:
        """Take the door to CloudWatch: a client for a region."""
        self._client_for = client_for

    @needs("cloudwatch:DescribeAlarms", on="alarm")
    def read(self, source: TableRef) -> Kept | None:
        """See ``ports.Carrier``. CloudWatch can't be asked by dimension, so all are looked at."""
        with later_if_passing():
            pages = self._client_for(source.region).get_paginator("describe_alarms")
            alarms = [
                {field: alarm[field] for field in _SETTABLE if alarm.get(field) not in _UNSET}
                for page in pages.paginate(AlarmTypes=["MetricAlarm"])
                for alarm in map(_as_mapping, page["MetricAlarms"])
                if _watches(alarm, source) and not alarm["AlarmName"].startswith(_AUTO_SCALING)
            ]
        return {"alarms": alarms} if alarms else None

    @needs("cloudwatch:PutMetricAlarm", on="alarm of a restored table")
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``ports.Carrier``."""
        client = self._client_for(target.region)
        left: set[str] = set()
        for alarm in kept["alarms"]:
            copy = copy_of(alarm, source, target)
            left |= _drop_foreign_actions(copy, target.region)
            with later_if_passing():
                client.put_metric_alarm(**copy)
        if not left:
            return None
        return f"actions of another region were left out: {', '.join(sorted(left))}"


def copy_of(alarm: Mapping[str, Any], source: TableRef, target: TableRef) -> dict[str, Any]:
    """Copy an alarm for another table. The name is its old one, and the table's."""
    copy: dict[str, Any] = _renamed(alarm, source.name, target.name)
    suffix = f" (restored: {target.name})"
    copy["AlarmName"] = f"{alarm['AlarmName'][: _NAME_LENGTH - len(suffix)]}{suffix}"
    return copy


def _watches(alarm: Mapping[str, Any], table: TableRef) -> bool:
    """Tell whether an alarm watches a table, directly or in one of its metrics."""
    stats = [metric.get("MetricStat", {}).get("Metric", {}) for metric in alarm.get("Metrics", [])]
    return any(
        dimension == {"Name": "TableName", "Value": table.name}
        for metric in (alarm, *stats)
        if metric.get("Namespace") == "AWS/DynamoDB"
        for dimension in metric.get("Dimensions", [])
    )


def _renamed(value: Any, old: str, new: str) -> Any:
    """Copy a structure with the ``TableName`` dimensions of one table made another's."""
    if value == {"Name": "TableName", "Value": old}:
        return {"Name": "TableName", "Value": new}
    if isinstance(value, Mapping):
        return {key: _renamed(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, old, new) for item in value]
    return value


def _drop_foreign_actions(alarm: dict[str, Any], region: str) -> set[str]:
    """Take out actions whose ARN names another region; CloudWatch wants its own region's."""
    dropped: set[str] = set()
    for field in _ACTIONS:
        if field in alarm:
            actions = alarm[field]
            foreign = {action for action in actions if action.split(":")[3] not in ("", region)}
            alarm[field] = [action for action in actions if action not in foreign]
            dropped |= foreign
    return dropped


def _as_mapping(alarm: Any) -> Mapping[str, Any]:
    return dict(alarm)

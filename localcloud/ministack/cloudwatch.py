"""Repairs of MiniStack's CloudWatch alarms, and a door to them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from localcloud.wire import (
    Answer,
    AwsError,
    HttpAnswer,
    Json,
)

# Whatever MiniStack makes up for them where a call leaves them out, AWS doesn't describe them.
_MADE_UP = ("MetricName", "Namespace", "Statistic", "Period", "Threshold", "AlarmDescription")
_FORGOTTEN = ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile")
_NOT_WITH_METRICS = (
    *("MetricName", "Namespace", "Dimensions", "Period", "Unit", "Statistic"),
    "ExtendedStatistic",
)


class Alarms:
    """The metric alarms of the current scope."""

    def __init__(self) -> None:
        self._cloudwatch: Any = importlib.import_module("ministack.services.cloudwatch")
        self._repair()

    def put(self, parameters: Json) -> None:
        """PutMetricAlarm."""
        self._succeeded(self._cloudwatch._put_metric_alarm({}, parameters, False, True))

    def delete(self, names: list[str]) -> None:
        """DeleteAlarms; alarms that are gone already are fine."""
        here = [name for name in names if name in self._cloudwatch._alarms]
        self._succeeded(self._cloudwatch._delete_alarms({}, {"AlarmNames": here}, False, True))

    def add_to_stacks(self, resource_handlers: dict[str, Any]) -> None:
        """Refuse a stack an alarm whose name is taken. MiniStack made both one.

        CloudFormation creates before it deletes: an alarm can't go from one part of a stack to
        another under its name (user guide, "Name type": no two resources share a name).
        """
        handlers = resource_handlers["AWS::CloudWatch::Alarm"]

        def create(logical_id: str, properties: Json, stack: str) -> Any:
            if (name := properties.get("AlarmName")) in self._cloudwatch._alarms:
                raise ValueError(f"{name} already exists")
            return handlers["create"](logical_id, properties, stack)

        resource_handlers["AWS::CloudWatch::Alarm"] = {**handlers, "create": create}

    @staticmethod
    def _succeeded(answer: HttpAnswer) -> None:
        if answer[0] >= 300:
            raise RuntimeError(f"MiniStack refused an alarm of the layer's: {answer[2]!r}")

    def _repair(self) -> None:
        """Keep every field of PutMetricAlarm, and refuse what doesn't go together.

        MiniStack forgot metric math, anomaly bands and how to treat few samples, and made up a
        statistic, a period and a threshold for them.
        """
        put = self._cloudwatch._put_metric_alarm

        def put_all(
            query: Mapping[str, Any], parameters: Json, is_cbor: bool, is_json: bool = False
        ) -> HttpAnswer:
            if is_json and (wrong := _contradiction(parameters)):
                return Answer.refused(AwsError("ValidationError", wrong)).http()
            answer: HttpAnswer = put(query, parameters, is_cbor, is_json)
            if is_json and answer[0] < 300:
                alarm: Json = self._cloudwatch._alarms[parameters["AlarmName"]]
                alarm |= {name: parameters[name] for name in _FORGOTTEN if name in parameters}
                for name in _MADE_UP:
                    if name not in parameters:
                        alarm.pop(name, None)
            return answer

        self._cloudwatch._put_metric_alarm = put_all


def _contradiction(parameters: Json) -> str | None:
    if parameters.get("Metrics"):
        both = [name for name in _NOT_WITH_METRICS if parameters.get(name)]
        if both:
            return f"Metrics cannot be given together with {', '.join(both)}"
    elif not (parameters.get("MetricName") and parameters.get("Namespace")):
        return "An alarm needs MetricName and Namespace, or Metrics"
    if parameters.get("Statistic") and parameters.get("ExtendedStatistic"):
        return "Statistic and ExtendedStatistic cannot be given together"
    if ("Threshold" in parameters) == ("ThresholdMetricId" in parameters):
        return "An alarm needs either Threshold or ThresholdMetricId"
    return None

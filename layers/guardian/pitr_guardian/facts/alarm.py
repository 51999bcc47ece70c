"""An alarm's change of state, told like a fact.

Alarms can't publish to the alert topic themselves: under AWS's own key for SNS, CloudWatch may not.

Of the event only the alarm's name, its state and some numbers are told. Its texts are
somebody's: whoever may put an alarm writes its description, and whoever may set its state the
reason (CloudWatch API reference, PutMetricAlarm and SetAlarmState).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pitr_guardian.basics.legible import legible
from pitr_guardian.basics.model import mapping
from pitr_guardian.facts.alarm_advice import ADVICE
from pitr_guardian.facts.words import word

DETAIL_TYPE = "Alarm"

_CLOUDWATCH = "aws.cloudwatch"
_GUARDIAN = "pitr-guardian"
_SHOWN = 5  # of the latest values
_LARGEST = 1e15  # and neither NaN nor infinite


class NotOursError(ValueError):
    """The event isn't one of this stack's; the text says by what."""


@dataclass(frozen=True, slots=True)
class Own:
    """The stack that announces: what it tells is its own."""

    stack: str
    partition: str
    region: str
    account: str

    @classmethod
    def of_function(cls, arn: str, stack: str) -> Self:
        """Read where the stack is from the ARN of one of its functions."""
        _, partition, _, region, account = arn.split(":")[:5]
        return cls(stack, partition, region, account)

    def alarm_arn(self, name: str) -> str:
        """The ARN of this stack's alarm of that name."""
        place = f"arn:{self.partition}:cloudwatch:{self.region}:{self.account}"
        return f"{place}:alarm:{self.stack}/{name}"


def fact_in(event: Mapping[str, Any], own: Own) -> tuple[str, Mapping[str, Any]]:
    """Read what an event tells: a detail-type and a detail.

    Args:
        event: a fact as its bus delivers it, or CloudWatch's ``CloudWatch Alarm State Change``.
        own: the stack whose facts and alarms these are.

    Raises:
        NotOursError: it is no fact of the guardian's bus and no alarm of the stack's.
    """
    source = event.get("source")
    if source not in (_CLOUDWATCH, _GUARDIAN):
        raise NotOursError(f"source: {_shown(source)} tells no facts and has no alarms here")
    for field, ours in (("account", own.account), ("region", own.region)):
        if event.get(field) != ours:
            raise NotOursError(
                f"{field}: the event is of {_shown(event.get(field))}, not of {ours}"
            )
    if source == _CLOUDWATCH:
        return DETAIL_TYPE, alarm_fact(event, own)
    return word(event.get("detail-type")) or "Fact", mapping(event.get("detail"))


def alarm_fact(event: Mapping[str, Any], own: Own) -> Mapping[str, Any]:
    """Write a change of state the way facts are written; what to do is the guardian's own advice.

    It is critical while the alarm is on. An event of CloudWatch's is delivered at least once; its
    id stays the same, and so does this one's.

    Raises:
        NotOursError: the stack has no such alarm.
    """
    detail = mapping(event.get("detail"))
    name = detail.get("alarmName")
    what = name.removeprefix(f"{own.stack}/") if isinstance(name, str) else ""
    if what not in ADVICE or event.get("resources") != [own.alarm_arn(what)]:
        raise NotOursError(f"detail.alarmName: {_shown(name)} is no alarm of the stack {own.stack}")
    state = mapping(detail.get("state"))
    is_on = state.get("value") == "ALARM"
    return {
        "version": "1",
        "id": event.get("id"),
        "time": event.get("time"),
        "severity": "critical" if is_on else "info",
        "reason": f"The alarm {name} is {'on' if is_on else 'over'}{_figures(state)}.",
        "account": own.account,
        "region": own.region,
        "alarm": {"name": name, "isOn": is_on},
        "advice": ADVICE[what] if is_on else "Nothing; it is over.",
    }


def _figures(state: Mapping[str, Any]) -> str:
    """The latest values and the threshold, where CloudWatch tells them; numbers alone."""
    try:
        data = mapping(json.loads(state.get("reasonData") or "null"))
    except (TypeError, ValueError, RecursionError):
        return ""
    listed = data.get("recentDatapoints")
    values = [each for each in listed if _is_number(each)] if isinstance(listed, list) else []
    threshold = data.get("threshold")
    if not values or not _is_number(threshold):
        return ""
    latest = ", ".join(f"{value:g}" for value in values[-_SHOWN:])
    return f": the latest values are {latest}, the threshold is {threshold:g}"


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _LARGEST  # type: ignore[arg-type]


def _shown(value: object) -> str:
    return repr(legible(word(value) or type(value).__name__, 300))

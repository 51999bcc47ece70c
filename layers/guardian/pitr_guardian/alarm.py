"""An alarm's change of state, told like a fact.

Alarms can't publish to the alert topic themselves: under AWS's own key for SNS, CloudWatch may not.
"""

from collections.abc import Mapping
from typing import Any

from pitr_guardian.model import mapping
from pitr_guardian.wording import word

DETAIL_TYPE = "Alarm"

_CLOUDWATCH = "aws.cloudwatch"


def fact_in(event: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Read what an event tells: a detail-type and a detail.

    Args:
        event: a fact as its bus delivers it, or CloudWatch's ``CloudWatch Alarm State Change``.
    """
    if event.get("source") == _CLOUDWATCH:
        return DETAIL_TYPE, alarm_fact(event)
    return word(event.get("detail-type")) or "Fact", mapping(event.get("detail"))


def alarm_fact(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write a change of state the way facts are written; its ``advice`` is the alarm's description.

    It is critical while the alarm is on. An event of CloudWatch's is delivered at least once; its
    id stays the same, and so does this one's.
    """
    detail = mapping(event.get("detail"))
    state = mapping(detail.get("state"))
    is_on = state.get("value") == "ALARM"
    name = word(detail.get("alarmName")) or "without a name"
    why = word(state.get("reason")) or "CloudWatch gave no reason."
    description = word(mapping(detail.get("configuration")).get("description"))
    return {
        "version": "1",
        "id": event.get("id"),
        "time": event.get("time"),
        "severity": "critical" if is_on else "info",
        "reason": f"The alarm {name} {'is on' if is_on else 'is over'}: {why}",
        "account": event.get("account"),
        "region": event.get("region"),
        "alarm": {"name": name, "isOn": is_on},
        "advice": (description or "See docs/operations.md.") if is_on else "Nothing; it is over.",
    }

"""Scheduled actions of Application Auto Scaling: kept and told, never carried out."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from localcloud.clock import Clock
from localcloud.scaling.request import (
    in_words,
    invalid,
    named,
    page,
    target_id,
)
from localcloud.scaling.targets import Targets
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

_SCHEDULE = re.compile(r"(?P<kind>at|rate|cron)\((?P<what>.+)\)")
_CARRIED = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")
_NAME = "ScheduledActionName"


class ScheduledActions:
    """A target's, by name; they go with their target."""

    def __init__(self, targets: Targets, clock: Clock) -> None:
        self._targets = targets
        self._clock = clock

    def put(self, call: Call) -> Json:
        """PutScheduledAction. What isn't named again stays as it is."""
        target, now = self._targets.get(call), self._clock.now()
        name = str(call.parameters.get(_NAME, ""))
        if not name or re.search(r"[:/|]", name):
            raise invalid(f"{_NAME} is no name: {name}")
        action: Json = target.actions.get(name) or {
            _NAME: name,
            "ScheduledActionARN": f"{target.arn}:scheduledAction:{uuid.uuid4()}:{name}",
            "CreationTime": round(now.timestamp(), 3),
            **named(target.id),
        }
        action |= {key: call.parameters[key] for key in _CARRIED if key in call.parameters}
        _check(action, now)
        target.actions[name] = action
        return {}

    def describe(self, call: Call) -> Json:
        """DescribeScheduledActions."""
        resource = call.parameters.get("ResourceId")
        names = call.parameters.get(f"{_NAME}s")
        found = [
            action
            for target in self._targets.named(call, [resource] if resource else None)
            for name, action in target.actions.items()
            if not names or name in names
        ]
        return page(call, "ScheduledActions", found)

    def delete(self, call: Call) -> Json:
        """DeleteScheduledAction."""
        name = str(call.parameters.get(_NAME, ""))
        target = self._targets.here(call).get(target_id(call))
        if target is None or name not in target.actions:
            about = in_words(target_id(call))
            raise AwsError("ObjectNotFoundException", f"No scheduled action {name} for {about}")
        del target.actions[name]
        return {}


def _check(action: Json, now: datetime) -> None:
    schedule = _SCHEDULE.fullmatch(str(action.get("Schedule", "")))
    if schedule is None:
        raise invalid(f"Schedule must be at(), rate() or cron(): {action.get('Schedule')}")
    if not action.get("ScalableTargetAction"):
        raise invalid("ScalableTargetAction needs MinCapacity or MaxCapacity")
    if (
        schedule["kind"] == "at"
        and "Timezone" not in action
        and datetime.fromisoformat(schedule["what"]).replace(tzinfo=UTC) <= now
    ):
        raise invalid("The schedule is in the past")
    if float(action.get("EndTime", "inf")) <= now.timestamp():
        raise invalid("EndTime is in the past")

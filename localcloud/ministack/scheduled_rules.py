"""Rules on a schedule, fired when a test says so: their periods are minutes and more."""

from __future__ import annotations

import contextlib
import importlib
import time
import uuid
from collections.abc import Callable
from typing import Any


def fire(
    in_scope: Callable[[str, str], contextlib.AbstractContextManager[None]],
    account: str,
    region: str,
    name: str,
) -> None:
    """Let a rule of the default bus fire once, now; its own period goes on as it was.

    The event is what EventBridge sends (its user guide, "Creating a rule that runs on a schedule").

    Raises:
        LookupError: there is no such rule, it is disabled, or it has no schedule.
    """
    events: Any = importlib.import_module("ministack.services.eventbridge")
    with in_scope(account, region):
        key = events._rule_key(name, "default")
        rule = events._rules.get(key) or {}
        if not rule.get("ScheduleExpression") or rule.get("State") != "ENABLED":
            raise LookupError(f"no rule {name} is on a schedule in {account}, {region}")
        event = {
            "EventId": str(uuid.uuid4()),
            "Source": "aws.events",
            "DetailType": "Scheduled Event",
            "Detail": "{}",
            "EventBusName": "default",
            "Time": time.time(),
            "Resources": [rule["Arn"]],
            "Account": account,
            "Region": region,
        }
        for target in events._targets.get(key) or []:
            events._invoke_target(target, event, rule)

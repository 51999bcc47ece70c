"""What a bus has taken in may be delivered twice, or not at all.

EventBridge drops an event when its tries are exhausted (user guide, "How EventBridge retries
delivering events"), and a function may get the same event several times, with the same id (Lambda
developer guide, "Invoking a Lambda function asynchronously").
"""

from __future__ import annotations

import importlib
from typing import Any

from localcloud.faults.buses import BusFaults
from localcloud.wire import Json


def deliver_with(faults: BusFaults) -> None:
    """Let faults decide how often an event is delivered."""
    events: Any = importlib.import_module("ministack.services.eventbridge")
    dispatch = events._dispatch_event

    def dispatch_as_often(event: Json, view: Any = None) -> None:
        for _ in range(faults.deliveries(event)):
            dispatch(event, view)

    events._dispatch_event = dispatch_as_often

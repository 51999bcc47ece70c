"""PutMetricAlarm takes three calls a second of an account and region, and throttles the rest."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any

from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.settings import Settings
from localcloud.wire import (
    AwsError,
    HttpAnswer,
    error_in_protocol_of,
    received,
)


def at_its_pace(engine: Engine, settings: Settings, handler: Handler) -> Handler:
    """CloudWatch's handler, at AWS's pace (CloudWatch user guide, service quotas)."""
    recent: defaultdict[tuple[str, str], deque[float]] = defaultdict(deque)

    async def handle(
        method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, Any]
    ) -> HttpAnswer:
        limit = settings.alarm_puts_per_second
        call = received("monitoring", engine.scope(), headers, body, query)
        if call.operation == "PutMetricAlarm" and limit is not None:
            calls, now = recent[call.account, call.region], time.monotonic()
            while calls and calls[0] <= now - 1:
                calls.popleft()
            if len(calls) >= limit:
                return error_in_protocol_of(headers, AwsError("Throttling", "Rate exceeded"))
            calls.append(now)
        return await handler(method, path, headers, body, query)

    return handle

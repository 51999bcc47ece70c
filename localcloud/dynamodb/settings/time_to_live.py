"""UpdateTimeToLive, which refuses what is so already, and a second change too soon."""

from __future__ import annotations

from datetime import timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.tables import (
    CREATING,
    DELETING,
    Tables,
)
from localcloud.ministack.internals import Engine
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
)

_CHANGES_APART = timedelta(minutes=30)


class TimeToLive:
    def __init__(self, engine: Engine, tables: Tables, clock: Clock) -> None:
        self._engine = engine
        self._tables = tables
        self._clock = clock

    def update(self, call: Call) -> Answer:
        """UpdateTimeToLive."""
        table = self._tables.find(str(call.parameters.get("TableName", "")))
        if table is None:
            return self._engine.dynamodb(call.operation, call.parameters)
        now = self._clock.now()
        if table.status(now) in {CREATING, DELETING}:
            raise AwsError(
                "ResourceNotFoundException",
                f"Requested resource not found: Table: {table.name} not found",
            )
        described = self._engine.dynamodb("DescribeTimeToLive", {"TableName": table.name})
        current = described.body["TimeToLiveDescription"]
        wanted = (call.parameters.get("TimeToLiveSpecification") or {}).get("Enabled", False)
        state = "ENABLED" if wanted else "DISABLED"
        if current["TimeToLiveStatus"] == state:
            raise AwsError("ValidationException", f"TimeToLive is already {state.lower()}")
        if table.ttl_changed_at and now < table.ttl_changed_at + _CHANGES_APART:
            raise AwsError(
                "ValidationException",
                "Time to live has been modified multiple times within a fixed interval",
            )
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None:
            table.ttl_changed_at = now
        return answer

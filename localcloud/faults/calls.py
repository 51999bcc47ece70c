"""Faults on demand: make the next calls, or their events, go wrong."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypedDict, Unpack

from localcloud.dynamodb.table_names import tables_named
from localcloud.faults.buses import BusFault, BusFaults
from localcloud.faults.events import (
    EventFault,
    EventFaults,
)
from localcloud.faults.exports import (
    Damage,
    ExportFault,
    ExportFaults,
)
from localcloud.faults.fault import Fault
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

_INTERNAL = "InternalServerError"
_STATUSES = {"AccessDenied": 403, "NoSuchKey": 404, "SlowDown": 503}  # as S3 answers with them


@dataclass(frozen=True)
class Hit:
    """A call that a fault hit; `at` is real time, `caller` the ARN of its role or user."""

    at: datetime
    call: Call
    caller: str


@dataclass(eq=False)
class CallFault(Fault):
    """Lies in wait for matching calls, until `times` are used up or `end` is called.

    A context manager: leaving it ends the fault.
    """

    operation: str | None
    service: str | None
    table: str | None
    region: str | None
    caller: str | None
    times: int | None
    _faults: Faults
    delay_seconds: float = 0.0
    before: AwsError | None = None
    after: AwsError | None = None
    kills: bool = False
    """Whether the function that makes the call dies of it."""
    spares: int = 0
    """So many matching calls go by unharmed first."""
    struck: list[Hit] = field(default_factory=list)
    """The calls it has hit so far, oldest first."""

    def awaits(self, call: Call) -> bool:
        """Whether it waits for this operation, whoever calls it."""
        return self.service in {None, call.service} and self.operation in {None, call.operation}

    def matches(self, call: Call, caller_arn: str) -> bool:
        return (
            self.awaits(call)
            and self.region in {None, call.region}
            and (self.table is None or self.table in tables_named(call.parameters))
            and (self.caller is None or self.caller in caller_arn)
        )

    def end(self) -> None:
        self._faults.end(self)


class Where(TypedDict, total=False):
    """Which calls a fault hits; what is left out is as `Faults` says."""

    service: str | None
    table: str | None
    region: str | None
    caller: str | None
    times: int | None


class Faults:
    """Each method sets one fault and returns it; use it in a `with` block, or `end` it.

    `operation` is a name such as "UpdateContinuousBackups"; `service` that of the endpoint
    (application-autoscaling, dynamodb, events, kms, monitoring, s3, sns, sqs or states), DynamoDB's
    unless another is named. Of S3 it
    is the IAM action, such as "GetObject"; "PutObject" is also each part of an upload. `table`,
    `region` and `caller` (a part of the ARN of the calling role or user; "states.amazonaws.com" for
    the tasks of state machines) narrow it down.
    One call is hit unless `times` says more; `times=None` hits until it ends. Mind that SDKs retry
    what they take for passing, each try being a call.
    """

    def __init__(self, events: EventFaults, exports: ExportFaults, buses: BusFaults) -> None:
        self._events = events
        self._exports = exports
        self._buses = buses
        self._faults: list[CallFault] = []
        self._lock = threading.Lock()

    def fail(
        self,
        operation: str,
        code: str = _INTERNAL,
        message: str = "A fault on demand.",
        status: int | None = None,
        **where: Unpack[Where],
    ) -> CallFault:
        """Refuse calls with an error instead of carrying them out."""
        return self._add(operation, where, before=_error(code, message, status))

    def lose_answer(
        self,
        operation: str,
        code: str = _INTERNAL,
        message: str = "The call was carried out, and its answer lost.",
        status: int | None = None,
        **where: Unpack[Where],
    ) -> CallFault:
        """Carry calls out, and answer with an error all the same."""
        return self._add(operation, where, after=_error(code, message, status))

    def delay(self, operation: str, seconds: float, **where: Unpack[Where]) -> CallFault:
        """Carry calls out after so many real seconds."""
        return self._add(operation, where, delay_seconds=seconds)

    def kill(
        self,
        caller: str,
        operation: str | None = None,
        *,
        service: str | None = None,
        carried_out: bool = False,
        spares: int = 0,
        table: str | None = None,
        times: int | None = 1,
    ) -> CallFault:
        """Kill functions in the middle of a call: before it is carried out, or after it was.

        `caller` is a part of the ARN of the function's role. Without an operation it is any call
        to any service; `spares` of them go by first, so that it is the next but so many.
        """
        died = _error("Killed", "Nobody is there to read this answer.", 500)
        where = Where(service=service, table=table, caller=caller, times=times)
        dies: Json = {"after" if carried_out else "before": died}
        return self._add(operation, where, kills=True, spares=spares, **dies)

    def drop_events(
        self, event_name: str | None = None, *, table: str | None = None, times: int | None = 1
    ) -> EventFault:
        """Never deliver CloudTrail events (of one call's name; of one table)."""
        return self._events.add(event_name, table, (), times)

    def duplicate_events(
        self,
        event_name: str | None = None,
        *,
        table: str | None = None,
        copies: int = 2,
        times: int | None = 1,
    ) -> EventFault:
        """Deliver CloudTrail events so many times."""
        return self._events.add(event_name, table, (0.0,) * copies, times)

    def delay_events(
        self,
        event_name: str | None = None,
        *,
        seconds: float,
        table: str | None = None,
        times: int | None = 1,
    ) -> EventFault:
        """Deliver CloudTrail events so many seconds later, on the cloud's clock."""
        return self._events.add(event_name, table, (seconds,), times)

    def hold_events(
        self, event_name: str | None = None, *, table: str | None = None, times: int | None = None
    ) -> EventFault:
        """Hold CloudTrail events back until `release`, in this order or another."""
        return self._events.add(event_name, table, None, times)

    def fail_export(
        self,
        code: str = "S3AccessDenied",
        message: str = "A fault on demand.",
        *,
        table: str | None = None,
        times: int | None = 1,
    ) -> ExportFault:
        """Let exports be accepted, and end FAILED with this FailureCode."""
        return self._exports.add(table, times, code=code, message=message)

    def damage_export(
        self, damage: Damage, *, table: str | None = None, times: int | None = 1
    ) -> ExportFault:
        """Let exports end COMPLETED with a data file, that with most items, that isn't as it should
        be."""
        return self._exports.add(table, times, damage=damage)

    def lose_on_bus(
        self, detail_type: str | None = None, *, text: str = "", times: int | None = 1
    ) -> BusFault:
        """Let a bus that isn't the default one take events in, and deliver them to nobody."""
        return self._buses.add(detail_type, text, 0, times)

    def repeat_on_bus(
        self,
        detail_type: str | None = None,
        *,
        text: str = "",
        copies: int = 2,
        times: int | None = 1,
    ) -> BusFault:
        """Let a bus that isn't the default one deliver events so many times."""
        return self._buses.add(detail_type, text, copies, times)

    def clear(self) -> None:
        """End every fault; events still held are lost."""
        with self._lock:
            self._faults.clear()
        self._events.clear()
        self._exports.clear()
        self._buses.clear()

    def end(self, fault: CallFault) -> None:
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def awaiting(self, call: Call) -> bool:
        """Whether any fault waits for this operation, whoever calls it."""
        with self._lock:
            return any(fault.awaits(call) for fault in self._faults)

    def strike(self, call: Call, caller_arn: str) -> list[CallFault]:
        """The faults that hit this call: each delay, and the first that fails or loses it."""
        hit: list[CallFault] = []
        with self._lock:
            for fault in list(self._faults):
                fails = fault.before is not None or fault.after is not None
                if fails and any(other.before or other.after for other in hit):
                    continue
                if fault.matches(call, caller_arn):
                    if fault.spares:
                        fault.spares -= 1
                        continue
                    hit.append(fault)
                    fault.struck.append(Hit(datetime.now(UTC), call, caller_arn))
                    if fault.hits == fault.times:
                        self._faults.remove(fault)
        return hit

    def _add(self, operation: str | None, where: Where, **how: Any) -> CallFault:
        fault = CallFault(
            operation,
            where.get("service", "dynamodb"),
            where.get("table"),
            where.get("region"),
            where.get("caller"),
            where.get("times", 1),
            _faults=self,
            **how,
        )
        with self._lock:
            self._faults.append(fault)
        return fault


def _error(code: str, message: str, status: int | None) -> AwsError:
    server_side = {_INTERNAL, "InternalFailure", "ServiceUnavailable", "InternalError"}
    return AwsError(
        code, message, status or _STATUSES.get(code) or (500 if code in server_side else 400)
    )

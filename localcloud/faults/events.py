"""What can go wrong between a call and its event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from localcloud.faults.fault import Fault, InWait
from localcloud.wire import Json

type Schedule = Callable[[Json, float], None]
"""Delivers a record after so many seconds more than usual."""


@dataclass(eq=False)
class EventFault(Fault):
    """Changes the delivery of matching events, until `times` are used up or `end` is called.

    A context manager: leaving it ends the fault.
    """

    event_name: str | None
    table: str | None
    delays: tuple[float, ...] | None
    """Extra seconds of each delivery of an event: () drops it, (0, 0) doubles it; None holds it."""
    times: int | None
    _faults: EventFaults
    struck: list[tuple[datetime, Json]] = field(default_factory=list)
    """The events it has hit so far, each with the real time of that."""
    held: list[Json] = field(default_factory=list)
    """The events held back, oldest first; reorder them as you like before `release`."""

    def matches(self, record: Json) -> bool:
        arns = [resource["ARN"] for resource in record["resources"]]
        return self.event_name in {None, record["eventName"]} and (
            self.table is None or any(arn.endswith(f":table/{self.table}") for arn in arns)
        )

    def release(self, *, newest_first: bool = False) -> list[Json]:
        """Deliver what was held, in the order held or the opposite one, and end the fault."""
        self.end()
        released, self.held = self.held, []
        if newest_first:
            released.reverse()
        for record in released:
            self._faults.schedule(record, 0.0)
        return released

    def end(self) -> None:
        self._faults.end(self)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.held:
            self.release()
        self.end()


class EventFaults(InWait[Json, EventFault]):
    """The faults that lie in wait for events; the first that matches has its way."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self.schedule = schedule

    def add(
        self,
        event_name: str | None,
        table: str | None,
        delays: tuple[float, ...] | None,
        times: int | None,
    ) -> EventFault:
        return self.lie(EventFault(event_name, table, delays, times, self))

    def deliveries(self, record: Json) -> tuple[float, ...]:
        """Extra seconds of each delivery that this record shall have."""
        with self._lock:  # whoever releases what is held ends the fault first
            fault = self.first(lambda each: each.matches(record), record)
            if fault is None:
                return (0.0,)
            if fault.delays is None:
                fault.held.append(record)
            return fault.delays or ()

"""What can go wrong with an event between the bus that took it in and its targets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from localcloud.faults.fault import Fault, InWait
from localcloud.wire import Json


@dataclass(eq=False)
class BusFault(Fault):
    """Befalls matching events of buses that somebody has made, until `times` are used up or `end`
    is called.

    A context manager: leaving it ends the fault.
    """

    detail_type: str | None
    text: str
    """What is in the event's detail."""
    copies: int
    """How often the event is delivered instead: 0 loses it."""
    times: int | None
    _faults: BusFaults
    struck: list[tuple[datetime, str]] = field(default_factory=list)
    """The ids of the events it befell, each with the real time of that."""

    def matches(self, event: Json) -> bool:
        return (
            self.detail_type in {None, event["DetailType"]}
            and self.text in str(event["Detail"])
            and event.get("EventBusName", "default") != "default"
        )

    def end(self) -> None:
        self._faults.end(self)


class BusFaults(InWait[str, BusFault]):
    """The faults that lie in wait for events on buses; the first that matches has its way."""

    def add(self, detail_type: str | None, text: str, copies: int, times: int | None) -> BusFault:
        return self.lie(BusFault(detail_type, text, copies, times, self))

    def deliveries(self, event: Json) -> int:
        """How often an event, which a bus has taken in, is delivered."""
        fault = self.first(lambda each: each.matches(event), event["EventId"])
        return 1 if fault is None else fault.copies

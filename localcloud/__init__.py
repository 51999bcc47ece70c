"""The embedded AWS of the demo and the tests: MiniStack, plus what it lacks and we need.

    with LocalCloud.start() as cloud:
        dynamodb = cloud.client("dynamodb")

A development tool: it listens on 127.0.0.1 only, and the deployed stack never knows it is there.
"""

from .clock import Clock
from .event_faults import EventFault
from .faults import CallFault, Faults
from .server import LocalCloud
from .settings import Settings
from .trail import Trail

__all__ = ["CallFault", "Clock", "EventFault", "Faults", "LocalCloud", "Settings", "Trail"]

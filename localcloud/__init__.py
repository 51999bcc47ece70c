"""The embedded AWS of the demo and the tests: MiniStack, plus what it lacks and we need.

    with LocalCloud.start() as cloud:
        dynamodb = cloud.client("dynamodb")

A development tool: it listens on 127.0.0.1 only, and the deployed stack never knows it is there.
"""

from localcloud.clock import Clock
from localcloud.cloudtrail.trail import Trail
from localcloud.faults.calls import (
    CallFault,
    Faults,
)
from localcloud.faults.events import EventFault
from localcloud.server import LocalCloud
from localcloud.settings import Settings

__all__ = ["CallFault", "Clock", "EventFault", "Faults", "LocalCloud", "Settings", "Trail"]

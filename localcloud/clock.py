"""The time of the embedded AWS, which a test may move forward."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus what `advance` added.

    Only PITR, statuses, backups and CloudTrail live on this clock. Request signatures, Lambda
    functions, state machines and schedules keep to real time.
    """

    def __init__(self) -> None:
        self._ahead = timedelta()
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> datetime:
        """Move time forward and return the new present. Time never goes back."""
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s")
        with self._lock:
            self._ahead += timedelta(seconds=seconds)
        for listener in self._listeners:
            listener()
        return self.now()

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each `advance`; for those who wait for a moment on this clock."""
        self._listeners.append(listener)

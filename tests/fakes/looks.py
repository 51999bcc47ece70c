"""The enforcement queue in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pitr_guardian.drift.look import (
    Look,
    body_of,
)
from tests.fakes.clock import FakeClock


class FakeLooks:
    """``ports.Looks`` in memory: bodies, each with the instant from which it can be received."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.waiting: list[tuple[datetime, str]] = []

    def put_back(self, look: Look) -> None:
        due = self._clock.now + timedelta(seconds=look.delay)
        self.waiting.append((due, body_of(look)))

    def put_all(self, looks: Sequence[Look]) -> None:
        for look in looks:
            self.put_back(look)

    def receive(self) -> list[str]:
        """Take every body that is due."""
        due = [entry for entry in self.waiting if entry[0] <= self._clock.now]
        self.waiting = [entry for entry in self.waiting if entry not in due]
        return [body for _, body in due]

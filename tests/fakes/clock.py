"""A clock that tests own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 10, 5, 9, 0, 0, 123456, UTC)
_TICK = timedelta(milliseconds=1)


class FakeClock:
    """Moves when it is told to, and by a millisecond whenever the guardian asks for the time."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += _TICK
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

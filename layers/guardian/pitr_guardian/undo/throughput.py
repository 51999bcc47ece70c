"""Keeping to so many write units a second."""

from collections.abc import Callable

_CATCHES_UP = 0.2
"""Seconds: more than a write takes, and little of what a pause saves up."""


class Throughput:
    """Waits after each write until its units have lasted at the rate, its own time included.

    What a pause saved up isn't caught up with: the table's other writers would feel it.
    """

    def __init__(
        self, units_per_second: float, ticks: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        """Take the rate, a clock in seconds that only goes forward, and how to wait."""
        self._rate = units_per_second
        self._ticks = ticks
        self._sleep = sleep
        self._due = ticks()

    def spend(self, units: float) -> None:
        """Note what a write consumed; returns when the next one may go."""
        now = self._ticks()
        self._due = max(self._due, now - _CATCHES_UP) + units / self._rate
        if self._due > now:
            self._sleep(self._due - now)

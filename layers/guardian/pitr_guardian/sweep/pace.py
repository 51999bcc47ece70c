"""Keeping to so many calls a second, and using them."""

from collections import deque
from collections.abc import Callable

_WINDOW = 1.02
"""A second, and a little more: a call begins some milliseconds after its turn, at times."""


class Pacer:
    """Grants turns, evenly spaced, and in no second more of them than allowed.

    Whoever had turns before it was made may have had them until then: the first is a second later,
    but where nobody was before it.
    """

    def __init__(
        self,
        per_second: int,
        ticks: Callable[[], float],
        sleep: Callable[[float], None],
        *,
        is_first: bool = False,
    ) -> None:
        """Take the rate, a clock in seconds that only goes forward, and how to wait.

        ``is_first``: nobody had turns in the second before.
        """
        self._interval = _WINDOW / per_second
        self._ticks = ticks
        self._sleep = sleep
        last = ticks() - _WINDOW if is_first else ticks()
        self._granted = deque([last] * per_second, maxlen=per_second)
        self._due = last + _WINDOW

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        now = self._ticks()
        # Who comes late finds turns that nobody took, but not more than a second's.
        self._due = max(self._due, now - _WINDOW)
        earliest = max(self._due, self._granted[0] + _WINDOW)
        while now < earliest:
            self._sleep(earliest - now)
            now = self._ticks()
        self._granted.append(now)
        self._due += self._interval

"""So many calls in any second, and no more."""

from collections import deque


class Limit:
    """A sliding second; a call that is refused doesn't count. None: no limit."""

    def __init__(self, per_second: int | None) -> None:
        self._per_second = per_second
        self._taken: deque[float] = deque(maxlen=per_second)

    def takes(self, now: float) -> bool:
        """Whether a call at this second, of a clock that only goes forward, is let through."""
        if self._per_second is None:
            return True
        if len(self._taken) == self._per_second and now - self._taken[0] < 1:
            return False
        self._taken.append(now)
        return True

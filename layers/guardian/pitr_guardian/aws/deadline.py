"""Ending in time: a function that is killed by its time-out takes all of its batch with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pitr_guardian.basics.errors import TryLaterError

if TYPE_CHECKING:
    from botocore.session import Session

_CALL = 13.0
"""Seconds that one try of one call takes at most: to connect, and to be answered (``clients``)."""

_LOOK = 35.0
"""Seconds that a look may well take while each of its seven calls, one after the other, takes
four, and what is left is put back after it."""


class Deadline:
    """How much time an invocation has left, and that no call begins that might outlast it.

    A call that comes too late is a ``TryLaterError``: its look is put back, and goes on from what
    the ledger holds. The queue takes looks until the end, since that is what the rest of the time
    is kept for.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        """Take a clock, in seconds, that only goes forward."""
        self._ticks = ticks
        self._at = float("inf")

    def begin(self, seconds: float) -> None:
        """Begin an invocation that has so many seconds left."""
        self._at = self._ticks() + seconds

    @property
    def leaves_time_for_a_look(self) -> bool:
        """Whether a further message should be begun."""
        return self._at - self._ticks() >= _LOOK

    def hold(self, session: "Session") -> None:
        """Hold the calls of a session's clients to it; for those that are made from now on.

        ``before-send`` comes before each try, and what is raised there isn't tried again (botocore,
        ``endpoint.Endpoint``; ``tests/integration/test_deadline.py``).
        """
        session.register("before-send", self._check)

    def _check(self, **call: Any) -> None:
        is_to_the_queue = call["event_name"].startswith("before-send.sqs.")
        if not is_to_the_queue and self._at - self._ticks() < 2 * _CALL:
            raise TryLaterError(
                "AWS answers slowly: no time was left in this invocation", may_have_happened=True
            )

"""Waiting out what passes, for some seconds: botocore has no patience for all of it."""

from collections.abc import Callable

from pitr_guardian.basics.errors import TryLaterError

_ATTEMPTS = 6
_LONGEST_WAIT = 5.0

Sleep = Callable[[float], None]
"""Waits so many seconds."""


def waited_out[Answer](ask: Callable[[], Answer], sleep: Sleep) -> Answer:
    """Ask until AWS can, for some seconds.

    Raises:
        TryLaterError: it still can't.
    """
    for attempt in range(_ATTEMPTS - 1):
        try:
            return ask()
        except TryLaterError:
            sleep(min(_LONGEST_WAIT, 0.1 * 2**attempt))
    return ask()

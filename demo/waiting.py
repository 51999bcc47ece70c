"""Waiting, always with a deadline that says what was waited for and what was seen instead."""

from __future__ import annotations

import time
from collections.abc import Callable


class DeadlineError(Exception):
    """What was waited for did not come in time."""


def wait_for[T](
    what: str,
    look: Callable[[], T],
    satisfied: Callable[[T], bool],
    within: float,
    *,
    every: float = 0.05,
    describe: Callable[[T], str] = str,
) -> T:
    """Look again and again until satisfied, and return what was seen.

    Args:
        what: completes "waited for ..." for the reader of a failure.
        look: looks once.
        satisfied: whether what was seen will do.
        within: the deadline, in seconds; the first look is always taken.
        every: seconds between two looks.
        describe: puts what was seen into words for a failure.

    Raises:
        DeadlineError: the deadline is over.
    """
    deadline = time.monotonic() + within
    while not satisfied(seen := look()):
        if time.monotonic() >= deadline:
            raise DeadlineError(f"waited {within:g} s for {what}; last seen: {describe(seen)}")
        time.sleep(every)
    return seen

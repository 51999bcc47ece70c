"""Waiting for what will be true in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0  # seconds where nothing is wrong; a busy machine takes many times as long
# Each look costs the embedded AWS time that others wait for: the longer it took so far, the longer
# until the next one, by a tenth.
_SHORTEST_PAUSE, _LONGEST_PAUSE, _OF_THE_WAIT = 0.05, 0.5, 0.1


def eventually[T](probe: Callable[[], T | None], what: str, within: float = PATIENCE_SECONDS) -> T:
    """The first answer of `probe` that is true, or a failure that says `what` was waited for."""
    begin = time.monotonic()
    while True:
        answer = probe()
        if answer:
            return answer
        waited = time.monotonic() - begin
        if waited > within:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        pause(waited)


def pause(waited: float) -> None:
    """Sleep between two looks, when so many seconds were waited."""
    time.sleep(min(max(waited * _OF_THE_WAIT, _SHORTEST_PAUSE), _LONGEST_PAUSE))

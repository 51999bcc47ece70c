"""Waiting for what will be true in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_SECONDS = 120.0  # seconds where nothing is wrong; a busy machine takes many times as long
_PAUSE_SECONDS = 0.05


def eventually[T](probe: Callable[[], T | None], what: str, within: float = PATIENCE_SECONDS) -> T:
    """The first answer of `probe` that is true, or a failure that says `what` was waited for."""
    deadline = time.monotonic() + within
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within:.0f} s: {what}")
        time.sleep(_PAUSE_SECONDS)

"""How to come by an answer that will be wanted soon."""

from collections.abc import Callable
from typing import Protocol


class Ahead(Protocol):
    """Decides from when on such an answer is asked for."""

    def __call__[Answer](self, ask: Callable[[], Answer], /) -> Callable[[], Answer]:
        """Return what waits for the answer, or raises the error that came instead."""


def when_wanted[Answer](ask: Callable[[], Answer]) -> Callable[[], Answer]:
    """Ask no earlier than the answer is wanted, which it may never be."""
    return ask

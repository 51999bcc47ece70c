"""What every fault has in common: it lies in wait until it is ended."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sized
from types import TracebackType
from typing import Self


class Fault(ABC):
    """A context manager: leaving it ends the fault."""

    struck: Sized
    """What it has hit so far, oldest first."""

    @property
    def hits(self) -> int:
        """How many it has hit so far."""
        return len(self.struck)

    @abstractmethod
    def end(self) -> None:
        """Let it lie in wait no longer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

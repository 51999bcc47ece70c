"""What every fault has in common: it lies in wait until it is ended."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sized
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Protocol, Self


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


class Limited(Protocol):
    """A fault that strikes so many times; None: until it is ended."""

    times: int | None

    @property
    def struck(self) -> list[tuple[datetime, Any]]: ...
    @property
    def hits(self) -> int: ...


class InWait[What, F: Limited]:
    """The faults that lie in wait for something; the first that matches has its way."""

    def __init__(self) -> None:
        self._faults: list[F] = []
        self._lock = threading.RLock()

    def lie(self, fault: F) -> F:
        """Let a fault lie in wait."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def end(self, fault: F) -> None:
        with self._lock:
            if fault in self._faults:
                self._faults.remove(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def first(self, matches: Callable[[F], bool], what: What) -> F | None:
        """The fault that strikes now, if one matches; it notes what it struck."""
        with self._lock:
            for fault in self._faults:
                if not matches(fault):
                    continue
                fault.struck.append((datetime.now(UTC), what))
                if fault.hits == fault.times:
                    self._faults.remove(fault)
                return fault
        return None

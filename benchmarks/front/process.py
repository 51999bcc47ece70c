"""The front in a process of its own, and what a benchmark says to it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from benchmarks.processes import environment

_CONTROL = "/_front"


class Front:
    """Use it in a `with` block; leaving it ends the process."""

    def __init__(self, program: str = "benchmarks.front") -> None:
        """Take the stand-in's module."""
        self._program = program

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", self._program],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        port = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not port:
            raise RuntimeError("the front did not start; its error is above")
        self.endpoint = f"http://127.0.0.1:{port}"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def have(self, tables: int, *, latency: float = 0.0, per_second: int | None = None) -> None:
        """Begin anew: so many tables, seconds for each answer, calls a second, and no calls yet."""
        self._control({"tables": tables, "latency": latency, "per_second": per_second})

    def have_messages(self, messages: Sequence[str]) -> None:
        """Begin anew, with these messages on the queue; a table is there when it is asked for."""
        self._control({"messages": messages})

    def calls(self) -> dict[str, int]:
        """The calls since, by operation; "throttled" counts those that were."""
        calls: dict[str, int] = self.state()["calls"]
        return calls

    def state(self) -> dict[str, Any]:
        """Calls, the queue's `backlog`, `events` and `dead`, tables `off`, and what `came_on`."""
        return self._control(None)

    def _control(self, settings: dict[str, Any] | None) -> dict[str, Any]:
        body = None if settings is None else json.dumps(settings).encode()
        with urllib.request.urlopen(f"{self.endpoint}{_CONTROL}", body) as answer:  # noqa: S310
            state: dict[str, Any] = json.load(answer)
            return state

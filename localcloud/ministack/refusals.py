"""Calls that a principal had no right to make, for whoever wants to know that there were none."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Refusal:
    """One call that IAM refused; repeated ones are as many."""

    principal_arn: str
    """Of a session, where a role was assumed: `arn:...:assumed-role/<role>/<session>`."""
    action: str
    """As policies name it, `service:Action`."""
    resource: str

    @property
    def role(self) -> str | None:
        """The name of the principal's role; None for a user."""
        kind, *names = self.principal_arn.rpartition(":")[2].split("/")
        return names[0] if kind == "assumed-role" else None


class Refusals:
    """All refusals so far. Faults that were asked for are none: IAM had no part in them."""

    def __init__(self) -> None:
        self._found: list[Refusal] = []
        self._lock = threading.Lock()

    def add(self, refusal: Refusal) -> None:
        with self._lock:
            self._found.append(refusal)

    def so_far(self) -> Sequence[Refusal]:
        with self._lock:
            return tuple(self._found)

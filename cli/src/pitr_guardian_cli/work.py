"""Something that the guardian was asked for, and where it stands by its ledger."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pitr_guardian_cli.aws.executions import Executions
from pitr_guardian_cli.aws.ledger import Ledger
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.terminal.progress import Stage


@dataclass
class RequestedWork(ABC):
    """Work that was asked for by an event.

    ``asked`` and ``event_id`` are None where somebody else has asked, or somewhere else.
    """

    request_id: str
    ledger: Ledger
    executions: Executions
    execution_arn: str
    now: Callable[[], datetime]
    asked: Json | None = None
    event_id: str | None = None
    what: ClassVar[str]
    """In a word, as the ledger's keys begin."""

    def look(self) -> Stage | Fact:
        """Tell where it stands, or its answer."""
        if self.event_id is not None:
            refusal = self.ledger.refusal(self.what, self.event_id)
            if refusal is not None:
                return refusal
        return self._stands()

    @abstractmethod
    def _stands(self) -> Stage | Fact:
        """Tell where it stands, or its answer, as it wasn't refused."""

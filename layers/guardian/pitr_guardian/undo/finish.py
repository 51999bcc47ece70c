"""The end of an undo: what was done is counted, and told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.ports import Objects
from pitr_guardian.facts.ports import Facts
from pitr_guardian.undo.ports import UndoAnswers


@dataclass(frozen=True, slots=True)
class Finish:
    """Counts what was done, and answers the approval: ``UndoCompleted``."""

    ledger: UndoAnswers
    objects: Objects
    facts: Facts
    uri_of: Callable[[str], str]
    clock: Clock

    def finish(self, plan_id: str) -> dict[str, Any]:
        """Answer the approval.

        Returns:
            ``{"counts": …, "verified": 998}``.
        """
        raise NotImplementedError

"""The whole plan of its shards: counts, fingerprint, estimate, what people and programs read."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.ports import Objects
from pitr_guardian.facts.ports import Facts
from pitr_guardian.undo.ports import UndoAnswers


@dataclass(frozen=True, slots=True)
class Assembly:
    """Puts a plan together, and answers the request: ``UndoPlanned``."""

    ledger: UndoAnswers
    objects: Objects
    facts: Facts
    uri_of: Callable[[str], str]
    """Makes of an object's key the URI that facts tell."""
    good_for: timedelta
    """``UndoPlanHours``."""
    units_per_second: int
    """``UndoWriteUnitsPerSecond``."""
    clock: Clock

    def assemble(self, plan_id: str, shards: int, exported_bytes: int) -> dict[str, Any]:
        """Put the plan together from its shards' parts, and tell of it.

        Args:
            plan_id: the plan's id.
            shards: how many shards there are.
            exported_bytes: what the exports billed (``ExportCheck``'s ``exportedBytes``).

        Returns:
            ``{"counts": …}`` of the plan.
        """
        raise NotImplementedError

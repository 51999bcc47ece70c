"""One shard's plan: images joined by key, the items of now beside them, classified."""

from dataclasses import dataclass
from typing import Any

from pitr_guardian.exports.ports import Objects
from pitr_guardian.undo.ports import LiveItems, UndoRecords


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans a shard. The join is on disk: memory doesn't grow with the shard."""

    ledger: UndoRecords
    objects: Objects
    items: LiveItems

    def plan(self, plan_id: str, shard: int) -> dict[str, Any]:
        """Plan one shard, and write its parts.

        Returns:
            ``{"shard": 3, "parts": 2}``.
        """
        raise NotImplementedError

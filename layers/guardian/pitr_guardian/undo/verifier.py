"""What was written, read again and compared."""

from dataclasses import dataclass
from typing import Any

from pitr_guardian.exports.ports import Objects
from pitr_guardian.undo.ports import LiveItems, UndoRecords


@dataclass(frozen=True, slots=True)
class Verifier:
    """Reads a part's items again."""

    ledger: UndoRecords
    objects: Objects
    items: LiveItems

    def verify(self, plan_id: str, part: str) -> dict[str, Any]:
        """Compare what was written of a part with what is there, and keep the counts.

        Returns:
            ``{"part": "0003-0001", "verified": 998}``.
        """
        raise NotImplementedError

"""The exports of a plan: started once each, and looked at until all of them are there."""

from dataclasses import dataclass
from typing import Any

from pitr_guardian.exports.ports import Exports, History, ReadableObjects
from pitr_guardian.undo.ports import UndoRecords


@dataclass(frozen=True, slots=True)
class ExportStart:
    """Starts a plan's exports, once AWS's clock lets it."""

    ledger: UndoRecords
    history: History
    exports: Exports

    def start(self, plan_id: str) -> dict[str, Any]:
        """Start the exports, or tell how long to wait.

        Returns:
            ``{"started": False, "waitSeconds": 60, "why": "…"}``, or
            ``{"started": True, "exports": [{"name": "D", "arn": "…"}]}``; a ``revert`` has none.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side; ``TooManyExportsError`` among them.
            RefusedError: AWS refuses; the text is a sentence for a person.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """Looks how far a plan's exports are."""

    ledger: UndoRecords
    exports: Exports
    objects: ReadableObjects

    def check(self, plan_id: str, exports: list[dict[str, str]]) -> dict[str, Any]:
        """Look at the exports.

        Args:
            plan_id: the plan's id.
            exports: as ``ExportStart`` gave them.

        Returns:
            ``{"done": False}``, or ``{"done": True, "manifests": [{"name": "D", "key": "…"}],
            "shards": 16, "shardNumbers": [0, …, 15]}``, with the keys of ``manifest-files.json``.
            For a ``revert`` the one manifest is a list that is written here, of the same form.

        Raises:
            ExportFailedError: an export FAILED; the text says of what, and what to do.
        """
        raise NotImplementedError

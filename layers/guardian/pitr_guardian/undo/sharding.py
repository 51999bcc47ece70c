"""A data file's changes, dealt out to shards by their keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.exports.ports import Objects
from pitr_guardian.undo.ports import UndoRecords


@dataclass(frozen=True, slots=True)
class Sharder:
    """Deals a data file out. Memory doesn't grow with the file; the shards are kept on disk."""

    ledger: UndoRecords
    objects: Objects

    def shard(
        self, plan_id: str, export: str, file: Mapping[str, Any], shards: int
    ) -> dict[str, Any]:
        """Deal one file out to shards.

        Args:
            plan_id: the plan's id.
            export: ``P`` or ``D``, the manifest's ``name``.
            file: a line of ``manifest-files.json``, as the Distributed Map's item.
            shards: how many shards there are.

        Returns:
            ``{"items": 1234}``.

        Raises:
            BadFileError: the file is short or wrong; the text names it.
        """
        raise NotImplementedError

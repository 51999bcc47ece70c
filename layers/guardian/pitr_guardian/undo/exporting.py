"""The exports of a plan: started once each, and looked at until all of them are there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.basics.instants import iso
from pitr_guardian.exports.checking import files_list, is_over, waiting
from pitr_guardian.exports.ports import (
    ExportStates,
    History,
    HistoryGoneError,
    KeyedExports,
    Objects,
    WindowClosedError,
)
from pitr_guardian.exports.shards import shards_for
from pitr_guardian.exports.window import ExportWindow, Windows
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.undo import places
from pitr_guardian.undo.given import partition_value
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.parts import MOST_LINES
from pitr_guardian.undo.ports import UndoRecords
from pitr_guardian.undo.warrant import planning


@dataclass(frozen=True, slots=True)
class ExportStart:
    """Starts a plan's exports, once AWS's clock lets it."""

    ledger: UndoRecords
    history: History
    exports: KeyedExports

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
        order = planning(self.ledger, plan_id)
        if order.windows is None:
            return {"started": True, "exports": []}
        switch = self.history.switch_of(order.table_ref)
        wait = waiting(order.table_ref, switch, order.windows.not_before)
        return wait or {"started": True, "exports": self._start(order, order.windows)}

    def _start(self, order: UndoOrder, windows: Windows) -> list[dict[str, str]]:
        started = []
        for window in windows.exports:
            # The same token is the same export, whoever was killed after having asked for it.
            token = fact_id("undo-export", order.plan_id, window.name)
            try:
                prefix = places.exports(order.plan_id, order.table.account)
                arn = self._export(order, window, token, prefix)
            except WindowClosedError as refusal:
                raise WindowClosedError(
                    f"the history of {order.table_ref} from {iso(window.from_)} to "
                    f"{iso(window.to)} can't be had: it has left the table's PITR window since the "
                    f"request, or isn't in it. AWS says: {refusal}"
                ) from refusal
            except HistoryGoneError as refusal:
                raise HistoryGoneError(
                    f"{order.table_ref} or its PITR is gone since the request. AWS says: {refusal}"
                ) from refusal
            started.append({"name": window.name, "arn": arn})
        return started

    def _export(self, order: UndoOrder, window: ExportWindow, token: str, prefix: str) -> str:
        """Ask for the wanted partition only: what isn't exported costs nothing.

        A key never changes, so a condition on it leaves out no item of the partition. One on other
        attributes would: it is put to an item's latest image alone (developer guide, "Filtering a
        table export").
        """
        table, partition = order.table_ref, order.request.partition
        if partition is None:
            return self.exports.start(table, window, token, prefix)
        key = order.shape.key
        of = {key.partition.name: partition_value(partition, key)}
        return self.exports.start_of_key(table, window, of, token, prefix)


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """Looks how far a plan's exports are."""

    ledger: UndoRecords
    exports: ExportStates
    objects: Objects

    def check(self, plan_id: str, exports: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Look at the exports.

        Args:
            plan_id: the plan's id.
            exports: as ``ExportStart`` gave them.

        Returns:
            ``{"done": False}``, or ``{"done": True, "manifests": [{"name": "D", "key": "…"}],
            "shards": 16, "shardNumbers": [0, …, 15], "exportedBytes": 1234}``, with the keys of
            ``manifest-files.json``. For a ``revert`` the one manifest is a list that is written
            here, of the same form.

        Raises:
            ExportFailedError: an export FAILED; the text says of what, and what to do.
        """
        order = planning(self.ledger, plan_id)
        if order.request.revert is not None:
            return self._of_an_undo(order, order.request.revert)
        states = [self.exports.describe(export["arn"]) for export in exports]
        over = [is_over(state) for state in states]  # each of them, as the last one may have failed
        if not all(over):
            return {"done": False}
        prefix = f"{places.exports(plan_id, order.table.account)}/"
        manifests = [
            {"name": export["name"], "key": files_list(self.objects, state, prefix)}
            for export, state in zip(exports, states, strict=True)
        ]
        return _done(
            manifests,
            items=sum(state.items for state in states),
            size=sum(state.bytes for state in states),
        )

    def _of_an_undo(self, order: UndoOrder, reverted: str) -> dict[str, Any]:
        keys = list(self.objects.keys_under(places.applied_prefix(reverted)))
        if not keys:
            raise RefusedError(f"what the undo {reverted} did isn't kept any more, or was nothing")
        lines = [json.dumps({"dataFileS3Key": key}) + "\n" for key in keys]
        key = places.reverted_files(order.plan_id)
        self.objects.put(key, "".join(lines).encode(), places.ITEMS_TYPE)
        return _done([{"name": "D", "key": key}], items=len(keys) * MOST_LINES, size=0)


def _done(manifests: list[dict[str, str]], items: int, size: int) -> dict[str, Any]:
    shards = shards_for(items, size)
    return {
        "done": True,
        "manifests": manifests,
        "shards": shards,
        "shardNumbers": list(range(shards)),
        "exportedBytes": size,
    }

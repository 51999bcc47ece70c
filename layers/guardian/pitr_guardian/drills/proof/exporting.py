"""The exports of a round: started once each, and looked at until all of them are there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills import places
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.ports import DrillRecords
from pitr_guardian.drills.proof.history import first_round
from pitr_guardian.drills.proof.ports import AnyItem
from pitr_guardian.drills.proof.rounds import Purpose, Round
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.checking import files_list, is_over, waiting
from pitr_guardian.exports.manifest import ExportKind
from pitr_guardian.exports.ports import (
    ExportStates,
    History,
    KeyedExports,
    NoObjectError,
    Objects,
    ReadableObjects,
)
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.window import ExportWindow
from pitr_guardian.facts.facts import fact_id

COPY = "0-copy"
"""The export that stands for a copy in a small drill: the items as they were at the instant."""
_LARGEST = 1 << 22
"""A round, with the longest keys of as many items as are exported one by one."""
_TRIES = 20


class BilledExport(StoredModel):
    """An export that was made for a proof, for the evidence and its costs."""

    name: str
    arn: str
    from_: Instant | None
    """None of a full export, which is of an instant."""
    to: Instant
    items: int
    bytes: int
    """Those it was billed for, ``BilledSizeBytes``."""


class BilledExports(StoredModel):
    """Those of a round."""

    exports: tuple[BilledExport, ...]


def round_of(objects: ReadableObjects, order: DrillOrder, number: int) -> Round:
    """Recall what a round exports; the first one follows from the order."""
    if number == places.FIRST_ROUND:
        windows = first_round(order.at, order.accepted_at)
        return Round(number=number, purpose=Purpose.FIRST, windows=windows)
    with objects.open(places.planned(order.drill_id, number)) as content:
        return Round.model_validate_json(content.read(_LARGEST))


def is_full(export: str, round_: Round) -> bool:
    """Whether an export is one of the items of an instant, not of a window."""
    return export == COPY or round_.purpose is Purpose.EXACT


@dataclass(frozen=True, slots=True)
class RoundStart:
    """Starts a round's exports, once AWS's clock lets it."""

    ledger: DrillRecords
    history: History
    exports: KeyedExports
    objects: Objects
    items: AnyItem

    def start(self, drill_id: str, number: int) -> dict[str, Any]:
        """Start the exports, or tell how long to wait.

        Returns:
            ``{"started": False, "waitSeconds": 60, "why": "…"}``, or
            ``{"started": True, "exports": [{"name": "0-000", "arn": "…"}]}``.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side; ``TooManyExportsError`` among them.
            RefusedError: AWS refuses; the text is a sentence for a person.
        """
        order = under_way(self.ledger, drill_id).order
        round_ = round_of(self.objects, order, number)
        until = round_.windows[-1].to if round_.windows else order.at
        wait = waiting(order.table_ref, self.history.switch_of(order.table_ref), until)
        if wait:
            return wait
        return {
            "started": True,
            "exports": [{"name": name, "arn": arn} for name, arn in self._start(order, round_)],
        }

    def _start(self, order: DrillOrder, round_: Round) -> Iterator[tuple[str, str]]:
        partition = self._partition(order) if order.kind is Kind.SMALL else None
        for window in round_.windows:
            yield window.name, self._windowed(order, round_, window, partition)
        keys = {f"{round_.number}-{n:03}": key for n, key in enumerate(round_.keys)}
        if partition is not None and round_.purpose is Purpose.FIRST:
            keys[COPY] = partition
        for name, key in keys.items():
            how = self._how(order, round_, name)
            yield name, self.exports.start_at(order.table_ref, order.at, key, *how)

    def _windowed(
        self, order: DrillOrder, round_: Round, window: ExportWindow, partition: Item | None
    ) -> str:
        how = self._how(order, round_, window.name)
        if partition is None:
            return self.exports.start(order.table_ref, window, *how)
        return self.exports.start_of_key(order.table_ref, window, partition, *how)

    def _how(self, order: DrillOrder, round_: Round, name: str) -> tuple[str, str]:
        """The token and the prefix. The same token is the same export, whoever asks again."""
        token = fact_id("drill-export", order.drill_id, name)
        return token, places.exported(order.drill_id, round_.number, name, order.table.account)

    def _partition(self, order: DrillOrder) -> Item:
        """The partition key's value that a small drill proves: that of an item drawn at random."""
        place = places.partition(order.drill_id)
        try:
            with self.objects.open(place) as content:
                chosen: Item = json.loads(content.read(_LARGEST))
                return chosen
        except NoObjectError:
            chosen = self._drawn(order)
            self.objects.put(place, json.dumps(chosen).encode(), places.JSON_TYPE)
            return chosen

    def _drawn(self, order: DrillOrder) -> Item:
        draw = Random(order.drill_id)  # noqa: S311 - no secret hangs on it
        segments = min(max(order.source.items, 1), 1_000_000)
        for of in (*[segments] * _TRIES, 1):
            item = self.items.item_in(order.table_ref, draw.randrange(of), of)
            if item is not None:
                name = order.source.key.partition.name
                return {name: item[name]}
        raise RefusedError(f"{order.table_ref} has no items now: there is nothing to compare")


@dataclass(frozen=True, slots=True)
class RoundCheck:
    """Looks how far a round's exports are."""

    ledger: DrillRecords
    exports: ExportStates
    objects: Objects

    def check(
        self, drill_id: str, number: int, exports: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        """Look at the exports.

        Args:
            drill_id: the drill's id.
            number: the round's.
            exports: as ``RoundStart`` gave them.

        Returns:
            ``{"done": False}``, or ``{"done": True, "manifests": [{"name": "0-000", "key": "…"}],
            "exportedBytes": 1234}``, with the keys of ``manifest-files.json``.

        Raises:
            ExportFailedError: an export FAILED; the text says of what, and what to do.
        """
        order = under_way(self.ledger, drill_id).order
        round_ = round_of(self.objects, order, number)
        states = [self.exports.describe(export["arn"]) for export in exports]
        over = [is_over(state) for state in states]  # each of them, as the last one may have failed
        if not all(over):
            return {"done": False}
        manifests, billed = [], []
        windows = {window.name: window for window in round_.windows}
        for export, state in zip(exports, states, strict=True):
            name = export["name"]
            kind: ExportKind = "FULL_EXPORT" if is_full(name, round_) else "INCREMENTAL_EXPORT"
            prefix = f"{places.exported(drill_id, number, name, order.table.account)}/"
            key = files_list(self.objects, state, prefix, kind)
            manifests.append({"name": name, "key": key})
            window = windows.get(name)
            billed.append(
                BilledExport(
                    name=name,
                    arn=state.arn,
                    from_=window.from_ if window else None,
                    to=window.to if window else order.at,
                    items=state.items,
                    bytes=state.bytes,
                )
            )
        content = BilledExports(exports=tuple(billed)).model_dump_json(by_alias=True).encode()
        self.objects.put(places.billed(drill_id, number), content, places.JSON_TYPE)
        return {
            "done": True,
            "manifests": manifests,
            "exportedBytes": sum(state.bytes for state in states),
        }


def billed_exports(objects: ReadableObjects, drill_id: str) -> Iterator[tuple[int, BilledExport]]:
    """All exports that were made for a drill, with their rounds' numbers."""
    for number in range(places.MOST_ROUNDS + 1):
        try:
            with objects.open(places.billed(drill_id, number)) as content:
                billed = BilledExports.model_validate_json(content.read(_LARGEST))
        except NoObjectError:
            return
        yield from ((number, export) for export in billed.exports)

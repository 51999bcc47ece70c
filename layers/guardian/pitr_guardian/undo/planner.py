"""One shard's plan: images joined by key, the items of now beside them, classified."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.exports.images import Images
from pitr_guardian.exports.packing import unpacked
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.record import Item
from pitr_guardian.undo import places
from pitr_guardian.undo.classify import classify
from pitr_guardian.undo.conditions import concerns, concerns_live
from pitr_guardian.undo.join import joining
from pitr_guardian.undo.line import Line, Planned
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.parts import Part, PartsWriter
from pitr_guardian.undo.ports import LiveItems, UndoRecords
from pitr_guardian.undo.units import item_size
from pitr_guardian.undo.warrant import planning
from pitr_guardian.undo.writes import TooComplexError, write_of

_BATCH = 100
"""Keys that BatchGetItem takes."""
_LARGEST_BATCH = 8 * 2**20
"""Bytes of images that wait for the items of now beside them."""


class Closing(StoredModel):
    """What a shard came to."""

    shard: int
    parts: tuple[Part, ...]


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

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: AWS refuses, as where the table is gone.
        """
        order = planning(self.ledger, plan_id)
        writer = PartsWriter(self.objects, plan_id, shard)
        with joining(order) as join:
            place = places.shard(plan_id, shard)
            for key in self.objects.keys_under(place):
                export = key.removeprefix(place).partition("-")[0]
                join.add(export, unpacked(self.objects, key))
            for batch in _batches(each for each in join.images() if concerns(order.request, each)):
                for line in self._lines(order, batch):
                    writer.add(line)
        writer.close()
        closing = Closing(shard=shard, parts=tuple(writer.parts))
        content = closing.model_dump_json(by_alias=True).encode()
        self.objects.put(places.closing(plan_id, shard), content, places.JSON_TYPE)
        return {"shard": shard, "parts": len(writer.parts)}

    def _lines(self, order: UndoOrder, batch: list[Images]) -> Iterator[Line]:
        live_items = self.items.read(order.table_ref, [images.key for images in batch])
        for images, live in zip(batch, live_items, strict=True):
            if concerns_live(order.request, live):
                yield planned(order, images, live)


def planned(order: UndoOrder, images: Images, live: Item | None) -> Line:
    """Plan one item; what no expression could carry out is a conflict that says so."""
    verdict = classify(images, live, order.shape.ttl_attribute, order.now, order.request.conflicts)
    line = Line(
        key=images.key,
        planned=verdict.planned,
        old=images.old,
        new=images.new if images.known else None,
        live=live,
        why=verdict.why,
    )
    if not line.planned.writes:
        return line
    try:
        write_of(line, order.shape.key)
    except TooComplexError as problem:
        return line.model_copy(update={"planned": Planned.CONFLICT, "why": str(problem)})
    return line


def _batches(all_images: Iterable[Images]) -> Iterator[list[Images]]:
    batch: list[Images] = []
    size = 0
    for images in all_images:
        batch.append(images)
        size += item_size(images.old) + item_size(images.new)
        if len(batch) == _BATCH or size >= _LARGEST_BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch

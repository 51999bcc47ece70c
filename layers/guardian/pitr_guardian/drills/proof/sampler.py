"""Draws the sample and reads it, or tells how all items are dealt out."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched, islice
from random import Random
from typing import Any

from pydantic import Field

from pitr_guardian.basics.instants import Clock, Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills import places
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.ports import DrillRecords
from pitr_guardian.drills.proof.digests import digest_of
from pitr_guardian.drills.proof.lines import key_of, line_of
from pitr_guardian.drills.proof.ports import PartitionItems, TableItems
from pitr_guardian.drills.proof.sampling import drawn, drawn_by_weight, quotas, reservoir
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.manifest import DataFile, data_file_of
from pitr_guardian.exports.packing import put_lines
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.reading import changes_in
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.shards import dealing, shard_of, shards_for
from pitr_guardian.exports.values import key_text
from pitr_guardian.tables.reference import TableRef

_BATCH = 100
"""Keys that BatchGetItem takes."""
_FILES = 20
"""Exported files that are looked into for what was deleted since."""
_LINES = 20_000
"""Lines that are read of one of them."""
_ITEMS_A_SEGMENT, _BYTES_A_SEGMENT, _MOST_SEGMENTS = 500_000, 512 * 2**20, 1000
"""Of the parts that both tables are read in: what a function reads in some minutes."""


class Reading(StoredModel):
    """A reading of items.

    ``until`` is when it ended, by our clock; ``drawn`` says how many came from where.
    """

    until: Instant
    drawn: Mapping[str, int] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sampler:
    """Says which items are compared; where they are a sample, it reads them, too."""

    ledger: DrillRecords
    objects: Objects
    items: TableItems
    partitions: PartitionItems
    clock: Clock

    def sample(self, drill_id: str, manifests: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """Draw and read the sample.

        Args:
            drill_id: the drill's id.
            manifests: of the first round's exports, as ``RoundCheck`` gave them.

        Returns:
            ``{"shards": 1, "shardNumbers": [0], "segments": []}``; where all items are compared,
            the numbers of the parts in which ``PartReader`` reads both tables.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
            TryLaterError: throttled, or a fault on AWS's side.
            RefusedError: AWS refuses, as where one of the tables is gone.
        """
        order = under_way(self.ledger, drill_id).order
        segments: list[int] = []
        shards = 1
        if order.kind is Kind.SMALL:
            # How many there are, the exports tell: each item of then, and each that was changed.
            shards = shards_for(sum(file.items for file in self._files(order, manifests)), 0)
            self._read_partition(order, shards)
        elif order.request.sample == "all":
            segments = list(range(segments_of(order)))
            shards = shards_for(order.source.items * 2, order.source.definition.size_in_bytes // 64)
        else:
            self._read_sample(order, order.request.sample, manifests)
        return {"shards": shards, "shardNumbers": list(range(shards)), "segments": segments}

    def _read_partition(self, order: DrillOrder, shards: int) -> None:
        """The live items, dealt out as they come; those of the copy are exported."""
        with self.objects.open(places.partition(order.drill_id)) as content:
            partition: Item = json.loads(content.read())
        names = order.source.key.names
        count = 0
        with dealing(
            self.objects, lambda shard: places.read(order.drill_id, shard, 0, "partition")
        ) as dealt:
            for item in self.partitions.partition(order.table_ref, partition):
                key = key_of(item, names)
                line = line_of(key, live=digest_of(item))
                dealt.write(shard_of(key_text(key, names), shards), line)
                count += 1
        keep_reading(self.objects, order, "partition", self.clock(), {"live": count})

    def _read_sample(
        self, order: DrillOrder, wanted: int, manifests: Sequence[Mapping[str, str]]
    ) -> None:
        draw = Random(f"{order.drill_id} {order.accepted_at}")  # noqa: S311 - it is no secret
        names, items = order.source.key.names, order.source.items
        of_copy, of_live, of_history = quotas(wanted)
        sources = {
            "copy": drawn(self._pages_of(order.copy_ref), names, of_copy, items, draw),
            "live": drawn(self._pages_of(order.table_ref), names, of_live, items, draw),
            "history": self._drawn_from_exports(order, manifests, of_history, draw),
        }
        keys = {text: key for found in sources.values() for text, key in found.items()}
        put_lines(
            self.objects,
            places.read(order.drill_id, 0, 0, "sample"),
            self._read(order, list(keys.values())),
        )
        counts = {source: len(found) for source, found in sources.items()}
        keep_reading(self.objects, order, "sample", self.clock(), counts)

    def _pages_of(self, table: TableRef) -> Callable[..., Any]:
        return lambda *asked: self.items.page(table, *asked)

    def _read(self, order: DrillOrder, keys: list[Item]) -> Iterator[bytes]:
        for some in batched(keys, _BATCH, strict=False):
            copies = self.items.read(order.copy_ref, some)
            lives = self.items.read(order.table_ref, some)
            for key, copy, live in zip(some, copies, lives, strict=True):
                yield line_of(key, copy=digest_of(copy), live=digest_of(live))

    def _drawn_from_exports(
        self,
        order: DrillOrder,
        manifests: Sequence[Mapping[str, str]],
        wanted: int,
        draw: Random,
    ) -> dict[str, Item]:
        weighted = [(file, file.items) for file in self._files(order, manifests)]
        chosen = drawn_by_weight(weighted, _FILES, draw)
        total = sum(weight for _, weight in chosen)
        names = order.source.key.names
        found: dict[str, Item] = {}
        for file, weight in chosen:
            share = -(-wanted * weight // total)
            for key in reservoir(self._keys_in(file), min(share, wanted - len(found)), draw):
                found[key_text(key, names)] = key
        return found

    def _files(
        self, order: DrillOrder, manifests: Iterable[Mapping[str, str]]
    ) -> Iterator[DataFile]:
        for manifest in manifests:
            of = order.drill_id, places.FIRST_ROUND, manifest["name"], order.table.account
            prefix = f"{places.exported(*of)}/"
            with self.objects.open(manifest["key"]) as lines:
                for line in lines:
                    yield data_file_of(json.loads(line), prefix)

    def _keys_in(self, file: DataFile) -> Iterator[Item]:
        with self.objects.open(file.key) as stream:
            for change in islice(changes_in(stream, file), _LINES):
                yield change.key


@dataclass(frozen=True, slots=True)
class PartReader:
    """Reads a part of both tables, where all items are compared."""

    ledger: DrillRecords
    objects: Objects
    items: TableItems
    clock: Clock

    def read(self, drill_id: str, segment: int, shards: int) -> dict[str, Any]:
        """Read a part of the copy and of the live table, and deal what was read out to shards.

        Returns:
            ``{}``.

        Raises:
            As ``Sampler``.
        """
        order = under_way(self.ledger, drill_id).order
        names, of = order.source.key.names, segments_of(order)
        tables = {"copy": order.copy_ref, "live": order.table_ref}
        counts = dict.fromkeys(tables, 0)
        part = f"{segment:04}"
        with dealing(self.objects, lambda number: places.read(drill_id, number, 0, part)) as dealt:
            for side, table in tables.items():
                for item in self._items(table, segment, of):
                    key = key_of(item, names)
                    line = line_of(key, **{side: digest_of(item)})
                    dealt.write(shard_of(key_text(key, names), shards), line)
                    counts[side] += 1
        keep_reading(self.objects, order, part, self.clock(), counts)
        return {}

    def _items(self, table: TableRef, segment: int, of: int) -> Iterator[Item]:
        after: Item | None = None
        while True:
            page = self.items.page(table, segment, of, after, None)
            yield from page.items
            after = page.after
            if after is None:
                return


def segments_of(order: DrillOrder) -> int:
    """In how many parts both tables are read: the same number each time."""
    source = order.source
    wanted = max(
        -(-source.items // _ITEMS_A_SEGMENT),
        -(-source.definition.size_in_bytes // _BYTES_A_SEGMENT),
        1,
    )
    return min(wanted, _MOST_SEGMENTS)


def keep_reading(
    objects: Objects,
    order: DrillOrder,
    name: str,
    until: datetime,
    counts: Mapping[str, int],
    number: int = places.FIRST_ROUND,
) -> None:
    """Note until when items were read, and how many were drawn from where."""
    content = Reading(until=until, drawn=dict(counts)).model_dump_json(by_alias=True).encode()
    objects.put(places.readings(order.drill_id, number, name), content, places.JSON_TYPE)


def readings_of(objects: Objects, drill_id: str, number: int) -> Iterator[Reading]:
    """Recall a round's readings."""
    for place in list(objects.keys_under(places.readings(drill_id, number))):
        with objects.open(place) as content:
            yield Reading.model_validate_json(content.read())

"""A small drill's memory doesn't grow with the partition that it draws, however large that is."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO

from pitr_guardian.drills import places
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.proof.exporting import COPY
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import ACCOUNT
from tests.fakes.objects import FakeObjects
from tests.fakes.proofs import DRILL, ProofWorld

ITEMS, LISTED, LONG = 4_000, 50_000, "x" * 1500
"""How many items there are to read, and in the export, and what makes their keys long."""
KEY = Key(partition=KeyAttribute(name="id", type="S"), sort=KeyAttribute(name="at", type="S"))
MOST_BYTES = 2_000_000
"""A third of what the items' keys alone take."""


class Partition:
    """One that comes page by page, as from DynamoDB."""

    def partition(self, table: TableRef, key: Item) -> Iterator[Item]:
        for number in range(ITEMS):
            yield {**key, "at": {"S": f"{number:08}-{LONG}"}, "v": {"N": str(number)}}


class Elsewhere(FakeObjects):
    """A bucket that takes no memory for what is packed."""

    def __init__(self) -> None:
        super().__init__()
        self.packed: dict[str, int] = {}

    def put_file(self, key: str, file: BinaryIO, content_type: str) -> None:
        self.packed[key] = file.seek(0, 2)


def drilled() -> tuple[ProofWorld, list[dict[str, str]]]:
    """A world whose small drill has exported so many items of the chosen partition."""
    world = ProofWorld(key=KEY, objects=Elsewhere())
    world.clock.advance(7200)
    world.order(world.past(hours=1), kind=Kind.SMALL, items=10**9)
    world.objects.put(places.partition(DRILL), b'{"id": {"S": "p"}}', places.JSON_TYPE)
    prefix = places.exported(DRILL, 0, COPY, ACCOUNT)
    file = {"dataFileS3Key": f"{prefix}/a.json.gz", "itemCount": LISTED, "md5Checksum": "x"}
    world.objects.put(f"{prefix}/manifest-files.json", json.dumps(file).encode(), "")
    return world, [{"name": COPY, "key": f"{prefix}/manifest-files.json"}]


def test_it_is_dealt_out_as_it_is_read() -> None:
    world, manifests = drilled()
    sampler = world.sampler()
    object.__setattr__(sampler, "partitions", Partition())
    tracemalloc.start()
    try:
        dealt = sampler.sample(DRILL, manifests)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MOST_BYTES
    assert dealt == {"shards": 3, "shardNumbers": [0, 1, 2], "segments": []}
    assert isinstance(world.objects, Elsewhere)
    assert set(world.objects.packed) == {
        places.read(DRILL, number, 0, "partition") for number in range(3)
    }

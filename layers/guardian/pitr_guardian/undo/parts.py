"""A plan's parts: bounded in lines and bytes, each with the hash that the fingerprint covers."""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.exports.packing import unpacked
from pitr_guardian.exports.ports import NoObjectError, Objects, ReadableObjects
from pitr_guardian.facts.undo_facts import PlanCounts
from pitr_guardian.undo import places
from pitr_guardian.undo.line import Line, Planned
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.units import write_units

MOST_LINES = 1000
LARGEST = 8 * 2**20
"""Bytes of a part, unpacked: a function that carries one out holds all of it."""


class PlanChangedError(Exception):
    """What is to be carried out isn't what was approved; the text says which part."""


class Part(StoredModel):
    """A part of a plan, as the shard that made it tells; ``part`` is its name.

    ``sha256`` is that of its lines; ``units`` are the write units that it will take.
    """

    part: str
    lines: int
    writes: int
    sha256: str
    units: int
    counts: PlanCounts

    @property
    def line(self) -> bytes:
        """The part as a line of the list of parts."""
        return self.model_dump_json(by_alias=True).encode() + b"\n"


class PartsWriter:
    """Writes a shard's lines into parts, one after the other."""

    def __init__(self, objects: Objects, plan_id: str, shard: int) -> None:
        """Write to the plan's place; parts are named after the shard."""
        self._objects = objects
        self._plan_id = plan_id
        self._shard = shard
        self._lines: list[bytes] = []
        self._size = self._units = 0
        self._counts: dict[str, int] = {}
        self.parts: list[Part] = []

    def add(self, line: Line) -> None:
        """Add a line; a part that is full is written."""
        written = line.line
        self._lines.append(written)
        self._size += len(written)
        self._counts[line.planned] = self._counts.get(line.planned, 0) + 1
        self._units += write_units(line)
        if len(self._lines) >= MOST_LINES or self._size >= LARGEST:
            self.close()

    def close(self) -> None:
        """Write what isn't written yet."""
        if not self._lines:
            return
        content = b"".join(self._lines)
        name = f"{self._shard:04}-{len(self.parts):04}"
        packed = gzip.compress(content, compresslevel=3, mtime=0)
        self._objects.put(places.part(self._plan_id, name), packed, places.GZIP_TYPE)
        counts = PlanCounts.model_validate(self._counts)
        self.parts.append(
            Part(
                part=name,
                lines=len(self._lines),
                writes=sum(n for kind, n in self._counts.items() if Planned(kind).writes),
                sha256=hashlib.sha256(content).hexdigest(),
                units=self._units,
                counts=counts,
            )
        )
        self._lines, self._counts = [], {}
        self._size = self._units = 0


def fingerprint_of(order: UndoOrder, parts: Iterable[Part]) -> str:
    """The fingerprint of a plan: over every line of every part that writes, and the table.

    Args:
        order: what was asked for.
        parts: the parts, in the order of their names; those that write nothing don't matter.
    """
    covered = hashlib.sha256(json.dumps([order.plan_id, order.table.arn]).encode())
    for part in parts:
        if part.writes:
            covered.update(f"\n{part.part} {part.lines} {part.sha256}".encode())
    return covered.hexdigest()


def approved_part(
    objects: ReadableObjects, order: UndoOrder, fingerprint: str, name: str
) -> list[Line]:
    """Read a part's lines, if it is the one that was approved.

    Raises:
        PlanChangedError: it isn't.
    """
    parts = list(listed_parts(objects, order.plan_id))
    if fingerprint_of(order, parts) != fingerprint:
        raise PlanChangedError(f"the list of parts of {order.plan_id} isn't the approved one")
    part = next((each for each in parts if each.part == name), None)
    if part is None:
        raise PlanChangedError(f"the approved plan {order.plan_id} has no part {name}")
    try:
        lines = list(raw_lines(objects, order.plan_id, name))
    except (NoObjectError, OSError, EOFError, zlib.error) as problem:
        raise PlanChangedError(f"the part {name} of {order.plan_id} can't be read") from problem
    if hashlib.sha256(b"".join(lines)).hexdigest() != part.sha256:
        raise PlanChangedError(f"the part {name} of {order.plan_id} isn't as it was approved")
    return [Line.model_validate_json(line) for line in lines]


def listed_parts(objects: ReadableObjects, plan_id: str) -> Iterator[Part]:
    """Read the list of the parts that write something."""
    with objects.open(places.parts_list(plan_id)) as lines:
        for line in lines:
            yield Part.model_validate_json(line)


def raw_lines(objects: ReadableObjects, plan_id: str, name: str) -> Iterator[bytes]:
    """Read a part's lines as they are written."""
    yield from unpacked(objects, places.part(plan_id, name))

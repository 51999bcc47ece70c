"""What is kept of items on the way: keys, digests, and what exports say; never an item."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pitr_guardian.basics.instants import iso
from pitr_guardian.drills import places
from pitr_guardian.drills.proof.comparison import Known, Naming
from pitr_guardian.drills.proof.digests import Digest, digest_of
from pitr_guardian.exports.packing import unpacked
from pitr_guardian.exports.ports import ReadableObjects
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text


def line_of(key: Item, **told: Any) -> bytes:
    """Write what is told of an item.

    Args:
        key: the item's key.
        told: ``copy`` and ``live``, digests or None, as they were read; ``from_`` and ``old``, of
            an export that names the key; ``exact``, of an export of the very instant.
    """
    document = {"key": key, **told}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def named(key: Item, from_: datetime, old: Item | None) -> bytes:
    """Write what an incremental export says of a key."""
    return line_of(key, from_=iso(from_), old=digest_of(old))


def key_of(item: Item, names: Iterable[str]) -> Item:
    """An item's key alone."""
    return {name: item[name] for name in names}


@dataclass(slots=True)
class Told:
    """All that is told of an item so far."""

    key: Item
    known: Known = field(default_factory=lambda: Known(None, None))
    exact: Digest | None = None

    def add(self, line: dict[str, Any]) -> None:
        """Add a line; a later reading counts."""
        known = self.known
        if "copy" in line or "live" in line:
            known = Known(line.get("copy", known.copy), line.get("live", known.live), known.naming)
        if "from_" in line:
            known = known.named(Naming(datetime.fromisoformat(line["from_"]), line["old"]))
        self.known = known
        self.exact = line.get("exact", self.exact)

    @property
    def is_nowhere(self) -> bool:
        """Whether there is no such item, and was none: it was born and died since."""
        known = self.known
        return known.copy is None and known.live is None and not (known.naming and known.naming.old)


def told_of_shard(
    objects: ReadableObjects, drill_id: str, number: int, names: Iterable[str]
) -> dict[str, Told]:
    """Gather what is told of a shard's items, by their keys' texts.

    Args:
        objects: the bucket.
        drill_id: the drill's id.
        number: the shard's.
        names: the names of the key's attributes.
    """
    order = tuple(names)
    gathered: dict[str, Told] = {}
    # Exports' findings, then readings in the order of their rounds: so the keys are sorted.
    for place in objects.keys_under(places.shard(drill_id, number)):
        for line in documents(objects, place):
            text = key_text(line["key"], order)
            told = gathered.get(text)
            if told is None:
                told = gathered[text] = Told(line["key"])
            told.add(line)
    return {text: told for text, told in gathered.items() if not told.is_nowhere}


def documents(objects: ReadableObjects, place: str) -> Iterator[dict[str, Any]]:
    """Read the lines of a packed object."""
    yield from map(json.loads, unpacked(objects, place))

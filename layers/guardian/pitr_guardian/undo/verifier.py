"""What was written, read again and compared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.exports.packing import unpacked
from pitr_guardian.exports.ports import Objects, ReadableObjects
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import differing, same, same_item
from pitr_guardian.facts.undo_facts import OutcomeCounts
from pitr_guardian.undo import places
from pitr_guardian.undo.line import Applied
from pitr_guardian.undo.ports import LiveItems, UndoRecords
from pitr_guardian.undo.warrant import applying

_BATCH = 25


class Verified(StoredModel):
    """What became of a part, and how much of it was found as planned."""

    part: str
    counts: OutcomeCounts
    verified: int
    doubtful: int = 0


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
        record, _ = applying(self.ledger, plan_id)
        counts: dict[str, int] = {}
        verified = doubtful = 0
        for batch in batched(done_of(self.objects, plan_id, part), _BATCH, strict=False):
            for applied in batch:
                counts[applied.outcome] = counts.get(applied.outcome, 0) + 1
                doubtful += applied.doubtful
            wrote = [applied for applied in batch if applied.outcome.wrote]
            found = self.items.read(record.order.table_ref, [each.key for each in wrote])
            verified += sum(map(is_as_planned, wrote, found))
        told = Verified(
            part=part,
            counts=OutcomeCounts.model_validate(counts),
            verified=verified,
            doubtful=doubtful,
        )
        content = told.model_dump_json(by_alias=True).encode()
        self.objects.put(places.verified(plan_id, part), content, places.JSON_TYPE)
        return {"part": part, "verified": verified}


def done_of(objects: ReadableObjects, plan_id: str, part: str) -> Iterator[Applied]:
    """Read what was done of a part, in the order of its lines."""
    for key in objects.keys_under(places.applied_prefix(plan_id, part)):
        yield from map(Applied.model_validate_json, unpacked(objects, key))


def is_as_planned(applied: Applied, found: Item | None) -> bool:
    """Tell whether an item still is what was made of it.

    Of an item that was updated, what was updated: the rest is others' business.
    """
    before, after = applied.before, applied.after
    if before is None or after is None or found is None:
        return same_item(found, after)
    return all(same(found.get(name), after.get(name)) for name in differing(before, after))


def total(verified: Iterable[Verified]) -> tuple[OutcomeCounts, int, int]:
    """Add up what became of parts: the counts, what is verified, and what is doubtful."""
    all_parts = list(verified)
    counted = [each.counts.model_dump() for each in all_parts]
    sums = {name: sum(each[name] for each in counted) for name in OutcomeCounts.model_fields}
    return (
        OutcomeCounts(**sums),
        sum(each.verified for each in all_parts),
        sum(each.doubtful for each in all_parts),
    )

"""Compares a shard's items with what they were, as far as that is known."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.instants import Clock, Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills import places
from pitr_guardian.drills.ports import DrillRecords
from pitr_guardian.drills.proof.comparison import (
    Known,
    Verdict,
    final_verdict,
    rests_on_reading,
    verdict_of,
)
from pitr_guardian.drills.proof.digests import Digest, salted
from pitr_guardian.drills.proof.exporting import round_of
from pitr_guardian.drills.proof.lines import Told, told_of_shard
from pitr_guardian.drills.proof.rounds import Purpose, Tally, tally_of
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.packing import put_lines
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.values import key_text

MOST_TOLD = 100
"""Mismatches that a shard, and the evidence, name."""


class Mismatch(StoredModel):
    """An item that isn't in the copy as it was; who it is, only its hash tells.

    ``how`` is ``missing`` in the copy, ``additional`` there, or ``different``.
    """

    key_sha256: str
    how: str


class ShardLook(StoredModel):
    """What became of a shard's items in a round."""

    compared_at: Instant
    tally: Tally
    mismatches: tuple[Mismatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares a shard, as often as there are rounds."""

    ledger: DrillRecords
    objects: Objects
    clock: Clock

    def compare(self, drill_id: str, number: int, shard: int) -> dict[str, Any]:
        """Judge each of a shard's items by all that is told of it.

        Returns:
            ``{}``; ``Settling`` reads what was found.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
        """
        order = under_way(self.ledger, drill_id).order
        names = order.source.key.names
        round_ = round_of(self.objects, order, number)
        told = told_of_shard(self.objects, drill_id, shard, names)
        if round_.purpose is Purpose.EXACT:
            asked = {key_text(key, names) for key in round_.keys}
            look = self._finally(drill_id, told, asked)
            opened: dict[str, Told] = {}
        else:
            tally = tally_of(each.known for each in told.values())
            look = ShardLook(compared_at=self.clock(), tally=tally)
            opened = {
                text: each for text, each in told.items() if verdict_of(each.known) is Verdict.OPEN
            }
        put_lines(
            self.objects,
            places.left_open(drill_id, shard, number),
            map(_open_line, opened.values()),
        )
        content = look.model_dump_json(by_alias=True).encode()
        self.objects.put(places.looked(drill_id, shard, number), content, places.JSON_TYPE)
        return {}

    def _finally(self, drill_id: str, told: Mapping[str, Told], asked: set[str]) -> ShardLook:
        counts = dict.fromkeys(Tally.model_fields, 0)
        wrong: list[Mismatch] = []
        for text, each in told.items():
            verdict = verdict_of(each.known)
            if verdict is Verdict.OPEN and text not in asked:
                counts["unsettled"] += 1
                continue
            if verdict is Verdict.OPEN:
                verdict = final_verdict(each.known, each.exact)
            counts[verdict] += 1
            if verdict is Verdict.MISMATCHED and len(wrong) < MOST_TOLD:
                how = _how(each.known, each.exact)
                wrong.append(Mismatch(key_sha256=salted(text, drill_id), how=how))
        tally = Tally(**counts)
        return ShardLook(compared_at=self.clock(), tally=tally, mismatches=tuple(wrong))


def _open_line(each: Told) -> bytes:
    document = {"key": each.key, "named": not rests_on_reading(each.known)}
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"


def _how(known: Known, expected: Digest | None) -> str:
    if known.copy is None:
        return "missing"
    return "additional" if expected is None else "different"


def looks_of(objects: Objects, drill_id: str, number: int) -> Iterator[tuple[int, ShardLook]]:
    """What a round's shards found, by their numbers."""
    prefix = places.looked(drill_id, 0, number).rpartition("/")[0] + "/"
    for place in list(objects.keys_under(prefix)):
        with objects.open(place) as content:
            look = ShardLook.model_validate_json(content.read())
        yield int(place.rpartition("/")[2].partition(".")[0]), look

"""After a round: whether all is known, and what the next one is to find out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import batched, islice
from typing import Any

from pydantic import Field

from pitr_guardian.basics.instants import Clock, Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills import places
from pitr_guardian.drills.order import DrillOrder, Kind
from pitr_guardian.drills.ports import Milestones
from pitr_guardian.drills.proof.comparing import MOST_TOLD, Mismatch, ShardLook, looks_of
from pitr_guardian.drills.proof.digests import digest_of
from pitr_guardian.drills.proof.exporting import round_of
from pitr_guardian.drills.proof.history import next_round
from pitr_guardian.drills.proof.lines import documents, line_of
from pitr_guardian.drills.proof.ports import ReadableItems
from pitr_guardian.drills.proof.rounds import (
    MOST_EXACT,
    Looked,
    Purpose,
    Round,
    Tally,
    after,
    verified_at,
)
from pitr_guardian.drills.proof.sampler import keep_reading, readings_of
from pitr_guardian.drills.record import Milestone
from pitr_guardian.drills.warrant import under_way
from pitr_guardian.exports.packing import put_lines
from pitr_guardian.exports.ports import NoObjectError, Objects, ReadableObjects
from pitr_guardian.exports.record import Item

_BATCH = 100
"""Keys that BatchGetItem takes."""
_MOST_READ_AGAIN = 20_000

Looks = dict[int, tuple[int, ShardLook]]
"""What was found of each shard, and in which round."""


class Proof(StoredModel):
    """What was proved of the items."""

    tally: Tally
    all_of_them: bool
    """Whether all items were compared, and not a sample."""
    mismatches: tuple[Mismatch, ...] = ()
    """The first of them."""
    drawn: Mapping[str, int] = Field(default_factory=dict)
    """How many items came from ``copy``, ``live`` and ``history``; the same may come from more."""
    rounds: tuple[Looked, ...] = ()
    verified_at: Instant | None = None
    """When the copy was proved; None where it wasn't."""


@dataclass(frozen=True, slots=True)
class Settling:
    """Puts a round's shards together, and plans the next round."""

    ledger: Milestones
    objects: Objects
    items: ReadableItems
    clock: Clock

    def settle(self, drill_id: str, number: int, shards: int) -> dict[str, Any]:
        """Tell whether another round is needed.

        Args:
            drill_id: the drill's id.
            number: the round's that was compared.
            shards: how many shards there are.

        Returns:
            ``{"again": True, "shardNumbers": [3, 7]}``, the shards that the next round can change;
            or ``{"again": False}``: all is known, and kept.

        Raises:
            DrillNotUnderWayError: the ledger knows no such drill, or it was answered.
            TryLaterError, RefusedError: as reading items raises them.
        """
        order = under_way(self.ledger, drill_id).order
        looks = self._latest(order, number)
        if len(looks) != shards:
            raise NoObjectError(f"only {len(looks)} of {shards} shards of {drill_id} were compared")
        looked = self._looked(order, number, looks)
        purpose = after(round_of(self.objects, order, number).purpose, looked.tally)
        if purpose is None:
            self._conclude(order, number, looks)
            return {"again": False}
        self._plan(order, number, purpose, looks)
        return {
            "again": True,
            "shardNumbers": [
                shard
                for shard, (_, look) in sorted(looks.items())
                if look.tally.open or (purpose is Purpose.CONFIRM and look.tally.resting)
            ],
        }

    def _latest(self, order: DrillOrder, number: int) -> Looks:
        """What was found last of each shard: not all of them take part in each round."""
        return {
            shard: (each, look)
            for each in range(number + 1)
            for shard, look in looks_of(self.objects, order.drill_id, each)
        }

    def _looked(self, order: DrillOrder, number: int, looks: Looks) -> Looked:
        tally = sum((look.tally for _, look in looks.values()), Tally())
        compared_at = max(look.compared_at for _, look in looks.values())
        looked = Looked(number=number, compared_at=compared_at, tally=tally)
        content = looked.model_dump_json(by_alias=True).encode()
        place = places.round_looked(order.drill_id, number)
        self.objects.put(place, content, places.JSON_TYPE)
        return looked

    def _plan(self, order: DrillOrder, number: int, purpose: Purpose, looks: Looks) -> None:
        before = round_of(self.objects, order, number)
        following = number + 1
        if purpose is Purpose.EXACT:
            keys = tuple(key for _, key, _ in islice(self._open(order, looks), MOST_EXACT))
            planned = Round(number=following, purpose=purpose, keys=keys)
        else:
            if purpose is Purpose.READ_AGAIN:
                self._read_again(order, number, looks)
            read = following if purpose is Purpose.READ_AGAIN else number
            until = max(each.until for each in readings_of(self.objects, order.drill_id, read))
            windows = next_round(before.windows, until, following)
            planned = Round(number=following, purpose=purpose, windows=windows)
        content = planned.model_dump_json(by_alias=True).encode()
        self.objects.put(places.planned(order.drill_id, following), content, places.JSON_TYPE)

    def _open(self, order: DrillOrder, looks: Looks) -> Iterator[tuple[int, Item, bool]]:
        """The open items: of which shard, their keys, and whether an export names them."""
        for shard, (number, look) in sorted(looks.items()):
            place = places.left_open(order.drill_id, shard, number)
            for line in documents(self.objects, place) if look.tally.open else ():
                yield shard, line["key"], line["named"]

    def _read_again(self, order: DrillOrder, number: int, looks: Looks) -> None:
        """Many items come and go: those that no export names are read once more."""
        unnamed = ((shard, key) for shard, key, named in self._open(order, looks) if not named)
        lines: dict[int, list[bytes]] = {}
        for some in batched(islice(unnamed, _MOST_READ_AGAIN), _BATCH, strict=False):
            lives = self.items.read(order.table_ref, [key for _, key in some])
            for (shard, key), live in zip(some, lives, strict=True):
                lines.setdefault(shard, []).append(line_of(key, live=digest_of(live)))
        until = self.clock()
        for shard, told in lines.items():
            put_lines(self.objects, places.read(order.drill_id, shard, number + 1, "again"), told)
        keep_reading(self.objects, order, "again", until, {}, number + 1)

    def _conclude(self, order: DrillOrder, number: int, looks: Looks) -> None:
        rounds = [_recalled(self.objects, order.drill_id, each) for each in range(number + 1)]
        readings = list(readings_of(self.objects, order.drill_id, places.FIRST_ROUND))
        sources = {source for each in readings for source in each.drawn}
        wrong = [each for _, (_, look) in sorted(looks.items()) for each in look.mismatches]
        proof = Proof(
            tally=rounds[-1].tally,
            all_of_them=order.kind is Kind.FULL and order.request.sample == "all",
            mismatches=tuple(wrong[:MOST_TOLD]),
            drawn={
                source: sum(each.drawn.get(source, 0) for each in readings)
                for source in sorted(sources)
            },
            rounds=tuple(rounds),
            verified_at=verified_at(rounds),
        )
        content = proof.model_dump_json(by_alias=True).encode()
        self.objects.put(places.proof(order.drill_id), content, places.JSON_TYPE)
        if proof.verified_at is not None:
            self.ledger.reach(order.drill_id, Milestone.VERIFIED, proof.verified_at)


def proof_of(objects: ReadableObjects, drill_id: str) -> Proof | None:
    """Recall what was proved of a drill's items; None where it didn't come to that."""
    try:
        with objects.open(places.proof(drill_id)) as content:
            return Proof.model_validate_json(content.read())
    except NoObjectError:
        return None


def _recalled(objects: ReadableObjects, drill_id: str, number: int) -> Looked:
    with objects.open(places.round_looked(drill_id, number)) as content:
        return Looked.model_validate_json(content.read())

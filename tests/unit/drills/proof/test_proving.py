"""A proof from its first export to what was proved, through the functions' use cases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.drills import places
from pitr_guardian.drills.order import Kind
from pitr_guardian.drills.ports import DrillNotUnderWayError
from pitr_guardian.drills.proof.digests import salted
from pitr_guardian.drills.proof.exporting import billed_exports, round_of
from pitr_guardian.drills.proof.rounds import MOST_EXACT, Purpose, Round
from pitr_guardian.drills.proof.settling import Settling
from pitr_guardian.drills.record import Milestone
from pitr_guardian.exports.checking import ExportFailedError
from pitr_guardian.exports.ports import HistoryGoneError, NoObjectError
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text
from pitr_guardian.tables.keys import Key, KeyAttribute
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.proofs import COPY, DRILL, ProofWorld

WIDE = Key(partition=KeyAttribute(name="id", type="S"), sort=KeyAttribute(name="at", type="N"))


def item(name: str, number: int = 0) -> Item:
    return {"id": {"S": name}, "v": {"N": str(number)}}


def filled(items: int = 20) -> ProofWorld:
    """A table with so many items, two hours old."""
    made = ProofWorld()
    for number in range(items):
        made.live.put(item(f"i{number}"))
    made.clock.advance(7200)
    return made


def rounds_of(world: ProofWorld) -> list[Purpose]:
    """What the further rounds were for."""
    found = []
    for number in (1, 2, 3):
        content = world.objects.content.get(f"work/{DRILL}/rounds/{number}/round.json")
        if content:
            found.append(Round.model_validate_json(content).purpose)
    return found


def hash_of(name: str) -> str:
    return salted(key_text({"id": {"S": name}}, ["id"]), DRILL)


def test_a_right_copy_of_a_quiet_table() -> None:
    world = filled()
    world.order(world.past(hours=1))
    proof = world.prove()
    assert (proof.tally.compared, proof.tally.equal, proof.tally.explained) == (20, 20, 0)
    assert not proof.mismatches
    assert proof.drawn == {"copy": 20, "live": 20, "history": 0}
    assert rounds_of(world) == [Purpose.CONFIRM]


def test_it_is_proved_when_it_was_compared_and_then_confirmed() -> None:
    world = filled()
    world.order(world.past(hours=1))
    proof = world.prove()
    assert proof.verified_at == proof.rounds[0].compared_at < proof.rounds[1].compared_at
    assert world.ledger.reached == {Milestone.VERIFIED: proof.verified_at}


def test_what_changed_since_is_explained() -> None:
    world = filled()
    at = world.past(hours=1)
    world.live.put(item("i0", 1))
    world.live.delete(item("i1"))
    world.live.put(item("new"))
    world.clock.advance(60)
    world.order(at)
    proof = world.prove()
    assert (proof.tally.compared, proof.tally.equal, proof.tally.explained) == (21, 18, 3)


def test_wrong_missing_and_additional_items_are_found() -> None:
    world = filled()
    world.order(world.past(hours=1))
    world.copy.put(item("i0", 7))
    world.copy.delete(item("i1"))
    world.copy.put(item("never"))
    proof = world.prove()
    assert {(each.key_sha256, each.how) for each in proof.mismatches} == {
        (hash_of("i0"), "different"),
        (hash_of("i1"), "missing"),
        (hash_of("never"), "additional"),
    }
    assert (proof.tally.mismatched, proof.tally.right) == (3, 18)
    assert proof.verified_at is None
    assert Milestone.VERIFIED not in world.ledger.reached
    assert rounds_of(world) == [Purpose.CONFIRM, Purpose.READ_AGAIN, Purpose.EXACT]


def test_what_the_copy_misses_and_was_deleted_since_is_drawn_from_the_exports() -> None:
    world = filled()
    at = world.past(hours=1)
    world.live.delete(item("i3"))
    world.clock.advance(60)
    world.order(at)
    world.copy.delete(item("i3"))
    proof = world.prove()
    assert [(each.key_sha256, each.how) for each in proof.mismatches] == [
        (hash_of("i3"), "missing")
    ]
    assert proof.drawn["history"] == 1


@pytest.mark.parametrize("sample", [1, 2, 3])
def test_a_copy_without_items_is_found_out_by_the_smallest_sample(sample: int) -> None:
    world = filled()
    world.order(world.past(hours=1), sample)
    for number in range(20):
        world.copy.delete(item(f"i{number}"))
    proof = world.prove()
    assert proof.tally.mismatched == proof.tally.compared == 1


def test_what_is_written_while_it_is_read_is_no_mismatch() -> None:
    world = filled()
    world.order(world.past(hours=1))
    writes = iter([item("i0", 5), item("i1", 5)])

    def others() -> None:
        for each in writes:
            world.live.put(each)
            return

    world.items.before_read = others
    proof = world.prove()
    assert proof.tally.compared == proof.tally.right
    assert proof.tally.explained


def test_a_copy_that_is_wrong_as_the_live_item_became_is_found_out() -> None:
    """Both look alike when they are read; the export that reaches over it tells."""
    world = filled()
    world.order(world.past(hours=1))
    world.copy.put(item("i0", 5))
    writes = iter([item("i0", 5)])

    def others() -> None:
        for each in writes:
            world.live.put(each)

    world.items.before_read = others
    proof = world.prove()
    assert [each.key_sha256 for each in proof.mismatches] == [hash_of("i0")]
    assert rounds_of(world) == [Purpose.CONFIRM, Purpose.EXACT]


@pytest.mark.parametrize("names_unchanged", [True, False])
def test_all_items_in_shards_and_parts(names_unchanged: bool) -> None:
    world = filled(60)
    world.history.names_unchanged = names_unchanged
    world.items.page_size = 7
    at = world.past(hours=1)
    for number in range(0, 60, 3):
        world.live.put(item(f"i{number}", number % 2))
    world.live.delete(item("i5"))
    world.clock.advance(60)
    world.order(at, "all", items=1_500_000)
    world.copy.put(item("i7", 9))
    world.copy.delete(item("i5"))
    proof = world.prove()
    assert proof.all_of_them
    assert {(each.key_sha256, each.how) for each in proof.mismatches} == {
        (hash_of("i7"), "different"),
        (hash_of("i5"), "missing"),
    }
    assert proof.tally.compared == 60
    assert proof.drawn == {"copy": 59, "live": 59}
    places = [key for key in world.objects.content if "/shards/" in key]
    assert len({place.split("/")[3] for place in places}) > 10
    assert sum("/read/0-0002" in place for place in places) > 5


def test_only_what_was_drawn_is_compared() -> None:
    """All items were changed, and so are exported; a sample is drawn of them."""
    world = filled(200)
    at = world.past(hours=1)
    for number in range(200):
        world.live.put(item(f"i{number}", 1))
    world.clock.advance(60)
    world.order(at, 20, items=200)
    proof = world.prove()
    assert 10 <= proof.tally.compared <= 20
    assert proof.tally.explained == proof.tally.compared
    assert sum(proof.drawn.values()) == 20


def test_a_lock_that_is_held_whenever_it_is_read_is_no_mismatch() -> None:
    """No export names it, since it is at no end of any window; that of the instant tells."""
    world = filled()
    world.history.names_unchanged = False
    world.order(world.past(hours=1))
    read, page = world.items.read, world.items.page

    def holding[Answer](answer: Callable[..., Answer]) -> Callable[..., Answer]:
        def held(*asked: Any) -> Answer:
            world.live.put(item("lock"))
            found: Answer = answer(*asked)
            world.live.delete(item("lock"))
            return found

        return held

    world.items.read = holding(read)  # type: ignore[method-assign]
    world.items.page = holding(page)  # type: ignore[method-assign]
    proof = world.prove()
    assert (proof.tally.compared, proof.tally.right, proof.tally.explained) == (21, 21, 1)
    assert rounds_of(world) == [Purpose.CONFIRM, Purpose.READ_AGAIN, Purpose.EXACT]
    # It was open until the end: only then was the copy proved.
    assert proof.verified_at == proof.rounds[-1].compared_at


def test_more_open_items_than_are_exported_stay_unsettled() -> None:
    world = filled(MOST_EXACT + 30)
    world.order(world.past(hours=1))
    for number in range(MOST_EXACT + 10):
        world.copy.put(item(f"i{number}", 7))
    proof = world.prove()
    assert (proof.tally.mismatched, proof.tally.unsettled) == (MOST_EXACT, 10)
    assert len(proof.mismatches) == MOST_EXACT
    assert proof.verified_at is None


def test_a_round_of_the_longest_keys_is_recalled_whole() -> None:
    """2,048 bytes of a partition key and 1,024 of a sort key, each escaped in JSON."""
    world = filled()
    order = world.order(world.past(hours=1))
    key = {"id": {"S": "\x01" * 2048}, "at": {"S": "\x01" * 1024}}
    planned = Round(number=3, purpose=Purpose.EXACT, keys=(key,) * MOST_EXACT)
    content = planned.model_dump_json(by_alias=True).encode()
    world.objects.put(places.planned(DRILL, 3), content, places.JSON_TYPE)
    assert round_of(world.objects, order, 3) == planned


def test_random_tables_and_copies() -> None:
    """Whatever is written before, meanwhile and afterwards."""
    for seed in range(25):
        draw = Random(seed)  # noqa: S311
        world = filled(40)
        world.history.names_unchanged = draw.random() < 0.5

        def others(world: ProofWorld = world, draw: Random = draw, most: int = 12) -> None:
            for _ in range(draw.randrange(most)):
                name = f"i{draw.randrange(50)}"
                if draw.random() < 0.3:
                    world.live.delete(item(name))
                else:
                    world.live.put(item(name, draw.randrange(3)))
                world.clock.advance(draw.random() * 3)

        at = world.past(minutes=draw.randrange(60))
        others(most=60)
        world.clock.advance(120)
        world.order(at)
        wrong = {f"i{number}" for number in draw.sample(range(40), draw.randrange(3))}
        for name in wrong:
            world.copy.put(item(name, 99))
        world.items.before_read = others
        proof = world.prove()
        assert {each.key_sha256 for each in proof.mismatches} == {*map(hash_of, wrong)}, seed
        assert proof.tally.mismatched == len(wrong)
        assert not proof.tally.unsettled


def test_a_partition_stands_for_a_giant() -> None:
    world = ProofWorld(key=WIDE)
    for partition in ("a", "b", "c"):
        for sort in range(5):
            world.live.put({"id": {"S": partition}, "at": {"N": str(sort)}, "v": {"N": "0"}})
    world.clock.advance(7200)
    at = world.past(hours=1)
    for partition in ("a", "b", "c"):
        world.live.put({"id": {"S": partition}, "at": {"N": "1"}, "v": {"N": "7"}})
        world.live.delete({"id": {"S": partition}, "at": {"N": "2.0"}})
    world.clock.advance(60)
    world.order(at, kind=Kind.SMALL, items=15)
    proof = world.prove()
    assert (proof.tally.equal, proof.tally.explained, proof.tally.compared) == (3, 2, 5)
    assert not proof.all_of_them
    chosen = json.loads(world.objects.content[f"work/{DRILL}/partition.json"])
    assert all(key == chosen for key in world.exports.keys.values())
    assert len(world.exports.keys) == len(world.exports.started)


def test_an_empty_giant_has_nothing_to_compare() -> None:
    world = ProofWorld()
    world.clock.advance(7200)
    world.order(world.past(hours=1), kind=Kind.SMALL, items=15)
    with pytest.raises(RefusedError, match=r"orders .* has no items now: there is nothing to"):
        world.export(0)


def test_an_empty_table_is_proved_by_its_structure_alone() -> None:
    world = filled(0)
    world.order(world.past(hours=1))
    proof = world.prove()
    assert proof.tally.compared == 0
    assert proof.verified_at == proof.rounds[0].compared_at
    assert rounds_of(world) == []


def test_every_function_may_be_called_twice() -> None:
    world = filled()
    world.order(world.past(hours=1))
    world.copy.delete(item("i1"))
    once = world.prove()
    for name in ("found", "looked", "rounds/1/round.json", "read"):
        assert any(name in key for key in world.objects.content)
    again = world.prove()
    assert again.mismatches == once.mismatches
    assert again.tally == once.tally


def test_no_item_is_kept_but_in_exports() -> None:
    world = ProofWorld()
    world.live.put({"id": {"S": "i"}, "secret": {"S": "sesame"}})
    world.clock.advance(7200)
    world.live.put({"id": {"S": "i"}, "secret": {"S": "sesame2"}})
    world.clock.advance(60)
    world.order(world.past(hours=1))
    world.prove()
    kept = {
        key: gzip.decompress(content) if key.endswith(".gz") else content
        for key, content in world.objects.content.items()
        if "/exports/" not in key
    }
    assert len(kept) > 5
    assert not [key for key, content in kept.items() if b"sesame" in content]


def test_exports_are_told_for_evidence_and_costs() -> None:
    world = filled()
    at = world.past(hours=1)
    world.order(at)
    world.prove()
    billed = list(billed_exports(world.objects, DRILL))
    assert [(number, each.name, each.bytes) for number, each in billed] == [
        (0, "0-000", 4096),
        (1, "1-000", 4096),
    ]
    assert billed[0][1].from_ == billed[1][1].from_ == at


def test_an_export_that_failed_is_told() -> None:
    world = filled()
    world.order(world.past(hours=1))
    world.exports.failures["0-000"] = "S3NoSuchBucket: x"
    with pytest.raises(ExportFailedError, match="the bucket is gone: deploy the stack again"):
        world.export(0)


def test_a_table_that_is_gone_meanwhile_is_told() -> None:
    world = filled()
    world.order(world.past(hours=1))
    world.account.delete(ORDERS)
    with pytest.raises(HistoryGoneError, match="was deleted since the request"):
        world.export(0)


def test_no_function_works_for_a_drill_that_isnt_under_way() -> None:
    world = filled()
    with pytest.raises(DrillNotUnderWayError):
        world.export(0)
    with pytest.raises(DrillNotUnderWayError):
        world.sampler().sample(DRILL, [])


def test_a_round_of_which_a_shard_is_missing_isnt_settled() -> None:
    world = filled()
    world.order(world.past(hours=1), "all", items=100_000)
    dealt = world.sample(world.export(0))
    assert dealt["shards"] > 1
    with pytest.raises(NoObjectError, match="only 0 of"):
        Settling(world.ledger, world.objects, world.items, world.clock).settle(
            DRILL, 0, dealt["shards"]
        )


def test_the_copy_is_read_where_it_is() -> None:
    world = filled()
    world.order(world.past(hours=1))
    world.prove()
    assert world.items.tables[COPY].reads >= 20

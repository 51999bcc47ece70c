"""Exports are asked for once each, when AWS's clock lets it; what goes wrong is a sentence."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pitr_guardian.exports.checking import ExportFailedError
from pitr_guardian.exports.manifest import BadManifestError
from pitr_guardian.exports.ports import ExportState, HistoryGoneError, WindowClosedError
from pitr_guardian.exports.reading import BadFileError
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.shards import shard_of
from pitr_guardian.undo import places
from pitr_guardian.undo.exporting import ExportCheck, ExportStart
from pitr_guardian.undo.planner import Planner
from pitr_guardian.undo.ports import UndoNotUnderWayError
from pitr_guardian.undo.sharding import Sharder
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.objects import FakeObjects
from tests.fakes.undos import UndoWorld


@pytest.fixture
def world() -> UndoWorld:
    world = UndoWorld()
    world.items.put({"id": {"S": "k"}})
    world.ask(from_=world.clock.now.replace(microsecond=0).isoformat())
    return world


def start(world: UndoWorld) -> dict[str, Any]:
    return ExportStart(world.ledger, world.exports, world.exports).start("u-1")


def check(world: UndoWorld, exports: list[dict[str, str]]) -> dict[str, Any]:
    return ExportCheck(world.ledger, world.exports, world.objects).check("u-1", exports)


def ready(world: UndoWorld) -> list[dict[str, str]]:
    world.clock.advance(600)
    exports: list[dict[str, str]] = start(world)["exports"]
    return exports


def test_it_waits_for_awss_clock_and_says_so(world: UndoWorld) -> None:
    told = start(world)
    assert told["started"] is False
    assert 290 <= told["waitSeconds"] <= 300  # the latest instant lags by five minutes
    assert told["why"].startswith("the history of orders is there up to 2026-10-05T09:55:00")
    assert "it is wanted up to 2026-10-05T10:00:01.000Z" in told["why"]
    assert world.exports.started == {}
    world.clock.advance(295)
    assert start(world)["waitSeconds"] == 20


def test_who_was_killed_starts_no_second_export(world: UndoWorld) -> None:
    exports = ready(world)
    assert [export["name"] for export in exports] == ["P", "D"]
    assert start(world)["exports"] == exports
    assert len(world.exports.started) == 2
    prefixes = {prefix for _, prefix in world.exports.started.values()}
    assert prefixes == {f"undos/u-1/exports/{ORDERS.account}"}


def test_a_table_or_history_that_is_gone_is_said(world: UndoWorld) -> None:
    world.tables.switch_off(ORDERS)
    with pytest.raises(HistoryGoneError, match=r"PITR was switched off on orders .* since the req"):
        start(world)
    world.tables.delete(ORDERS)
    with pytest.raises(HistoryGoneError, match=r"orders .* was deleted since the request"):
        start(world)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (WindowClosedError("InvalidExportTimeException: x"), "has left the table's PITR window"),
        (HistoryGoneError("TableNotFoundException: x"), "or its PITR is gone since the request"),
    ],
)
def test_each_refusal_is_a_sentence_with_awss_words(
    world: UndoWorld, refusal: Exception, said: str
) -> None:
    world.clock.advance(600)
    world.exports.refusal = refusal
    with pytest.raises(type(refusal), match=f"{said}.* AWS says: .*: x"):
        start(world)


def test_exports_are_looked_at_until_all_are_there(world: UndoWorld) -> None:
    exports = ready(world)
    world.exports.pending = True
    assert check(world, exports) == {"done": False}
    world.exports.pending = False
    told = check(world, exports)
    assert told["done"] is True
    assert (told["shards"], told["shardNumbers"]) == (1, [0])
    assert told["exportedBytes"] == 2 * 4096
    assert [manifest["name"] for manifest in told["manifests"]] == ["P", "D"]
    for manifest in told["manifests"]:
        assert manifest["key"] in world.objects.content


@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        ("S3NoSuchBucket: x", "the bucket is gone: deploy the stack again"),
        ("AccessDenied: x", "let the guardian's role write"),
        ("Whatever: x", "see what AWS says, and ask again"),
    ],
)
def test_an_export_that_failed_is_told_with_the_remedy(
    world: UndoWorld, failure: str, remedy: str
) -> None:
    exports = ready(world)
    world.exports.failures["D"] = failure
    with pytest.raises(ExportFailedError, match=f"history failed .{failure}.; .*{remedy}"):
        check(world, exports)


def test_an_export_elsewhere_is_not_ours(world: UndoWorld) -> None:
    exports = ready(world)
    arn = exports[0]["arn"]
    window, _ = world.exports.started[arn]
    world.exports.started[arn] = (window, "undos/another/exports")
    with pytest.raises(ExportFailedError, match="has no manifest under undos/u-1/exports/"):
        check(world, exports)


@pytest.mark.parametrize(
    ("items", "size", "shards"),
    [(0, 0, 1), (20_000, 0, 1), (20_001, 0, 2), (9, 2**30, 8), (10_000_000, 0, 256)],
)
def test_larger_exports_make_more_shards(
    world: UndoWorld, items: int, size: int, shards: int
) -> None:
    exports = ready(world)[1:]
    state = replace(world.exports.describe(exports[0]["arn"]), items=items, bytes=size)

    class Larger:
        def describe(self, arn: str) -> ExportState:
            return state

    told = ExportCheck(world.ledger, Larger(), world.objects).check("u-1", exports)
    assert (told["shards"], told["shardNumbers"]) == (shards, list(range(shards)))


def manifest_line(world: UndoWorld, exports: list[dict[str, str]]) -> dict[str, Any]:
    told = check(world, exports)
    key = told["manifests"][1]["key"]
    lines = [json.loads(line) for line in world.objects.content[key].splitlines()]
    return next(line for line in lines if line["itemCount"])


def test_a_file_that_was_spoilt_leaves_no_shard_behind(world: UndoWorld) -> None:
    exports = ready(world)
    line = manifest_line(world, exports)
    sharder = Sharder(world.ledger, world.objects)
    good = world.objects.content[line["dataFileS3Key"]]
    for spoilt in (good[:-3], b"", good + b"x"):
        world.objects.content[line["dataFileS3Key"]] = spoilt
        with pytest.raises(BadFileError, match=line["dataFileS3Key"]):
            sharder.shard("u-1", "D", line, 4)
    assert not [key for key in world.objects.content if "/shards/" in key]
    with pytest.raises(BadManifestError, match="isn't under undos/u-1/exports/"):
        sharder.shard("u-1", "D", {**line, "dataFileS3Key": "undos/another/x.json.gz"}, 4)


def test_nobody_plans_for_a_plan_that_is_answered(world: UndoWorld) -> None:
    exports = ready(world)
    line = manifest_line(world, exports)
    world.fail()
    sharder = Sharder(world.ledger, world.objects)
    planner = Planner(world.ledger, world.objects, world.items)
    steps: list[Callable[[], object]] = [
        lambda: start(world),
        lambda: check(world, exports),
        lambda: sharder.shard("u-1", "D", line, 1),
        lambda: planner.plan("u-1", 0),
    ]
    for step in steps:
        with pytest.raises(UndoNotUnderWayError, match="no plan u-1 is being made"):
            step()


def test_shards_are_even_and_stay_the_same() -> None:
    counts = [0] * 16
    for number in range(16_000):
        counts[shard_of(f'[["S", "k{number}"]]', 16)] += 1
    assert min(counts) > 800
    assert shard_of('[["S", "k"]]', 16) == shard_of('[["S", "k"]]', 16)


def test_what_a_reverted_undo_did_must_be_its_own(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    world.carry_out()
    world.reception().receive({"revert": "u-1", "requestId": "u-2"}, "event-9", "111122223333")
    sharder = Sharder(world.ledger, world.objects)
    with pytest.raises(BadManifestError, match="isn't what the undo u-1 did"):
        sharder.shard("u-2", "D", {"dataFileS3Key": "undos/another/applied/x.jsonl.gz"}, 1)


class Forgetful(FakeObjects):
    """A bucket whose content takes no memory that is counted."""

    def __init__(self, of: FakeObjects) -> None:
        super().__init__()
        self.content = of.content

    def put(self, key: str, content: bytes, content_type: str) -> None:
        pass


def test_memory_doesnt_grow_with_a_shard() -> None:
    """Three times as many items take as much memory."""

    def peak(count: int) -> int:
        world = UndoWorld()
        from_ = world.clock.now.isoformat()
        for number in range(count):
            item: Item = {"id": {"S": f"k{number}"}, "x": {"S": f"{number / 7}" * 20}}
            world.items.put(item)
        world.clock.advance(1800)
        world.ask(from_=from_)
        told = check(world, ready(world))
        for line in world.objects.content[told["manifests"][0]["key"]].splitlines():
            Sharder(world.ledger, world.objects).shard("u-1", "D", json.loads(line), 1)
        planner = Planner(world.ledger, Forgetful(world.objects), world.items)
        tracemalloc.start()
        planner.plan("u-1", 0)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(4500) < 1.5 * peak(1500)


def test_a_plan_of_a_shard_that_nothing_fell_into_is_empty(world: UndoWorld) -> None:
    ready(world)
    Planner(world.ledger, world.objects, world.items).plan("u-1", 3)
    assert json.loads(world.objects.content[places.closing("u-1", 3)]) == {"shard": 3, "parts": []}

"""A whole drill: restored, proved, removed, told; and nobody else hears of the copy."""

from __future__ import annotations

import hashlib
import json

from tests.e2e.drills.driller import GOODS, HOME, INDEXED, TAG, Driller

ELSEWHERE = "eu-west-1"


def test_a_table_is_proved_to_be_restorable_and_nothing_is_left(guardian: Driller) -> None:
    table = guardian.stocked()
    drill_id = guardian.ask(table, requestedBy="oncall", reason="audit")
    passed = guardian.passed(drill_id)
    assert passed["items"]["compared"] >= len(GOODS)
    assert passed["items"]["mismatched"] == 0
    assert passed["structure"] == []
    assert passed["removed"] is True
    assert passed["recoveryTime"]["seconds"] > 0
    assert passed["recoveryTime"]["asked"] < passed["recoveryTime"]["active"]
    assert passed["recoveryTime"]["active"] <= passed["recoveryTime"]["verified"]
    assert passed["recoveryPoint"]["seconds"] >= 0
    assert passed["costInUsd"] > 0
    evidence = guardian.object_at(passed["evidenceUri"])
    assert hashlib.sha256(evidence).hexdigest() == passed["evidenceSha256"]
    assert json.loads(evidence)["drillId"] == drill_id
    assert guardian.kinds(drill_id) == ["Drill Started", "Drill Passed"]
    started, told = guardian.told_of(drill_id)
    assert (started["requestedBy"], started["requestReason"]) == ("oncall", "audit")
    assert (told["requestedBy"], told["restoredTo"]) == ("oncall", started["restoredTo"])
    guardian.leaves_nothing(drill_id)
    assert guardian.told(table) == ["Table Protected", "Drill Started", "Drill Passed"]


def test_a_copy_is_made_in_another_region_and_without_indexes(guardian: Driller) -> None:
    table = guardian.stocked(**INDEXED)
    with guardian.copied(table, region=ELSEWHERE, targetRegion=ELSEWHERE) as drill_id:
        copy = guardian.copy_of(drill_id)
        assert not guardian.is_there(copy, HOME)
        assert guardian.indexes_of(copy, ELSEWHERE) == []
    passed = guardian.passed(drill_id)
    assert passed["items"]["compared"] == len(GOODS)
    assert passed["structure"] == []
    evidence = json.loads(guardian.object_at(passed["evidenceUri"]))
    assert evidence["copyTable"]["region"] == ELSEWHERE
    guardian.leaves_nothing(drill_id, ELSEWHERE)


def test_the_tag_may_ask_for_a_copy_with_its_indexes(guardian: Driller) -> None:
    table = guardian.stocked(**INDEXED, Tags=[{"Key": TAG, "Value": "yearly with-indexes"}])
    with guardian.copied(table) as drill_id:
        assert guardian.indexes_of(guardian.copy_of(drill_id)) == ["by-shelf"]
    passed = guardian.passed(drill_id)
    assert passed["structure"] == []
    assert passed["items"]["mismatched"] == 0
    guardian.leaves_nothing(drill_id)

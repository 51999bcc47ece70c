"""Drills that begin by themselves: by the tag, within the budget."""

from __future__ import annotations

import json

from tests.e2e.drills.driller import TAG, Driller
from tests.e2e.waiting import eventually


def tagged(value: str) -> list[dict[str, str]]:
    return [{"Key": TAG, "Value": value}]


def test_a_table_whose_tag_asks_for_it_is_drilled_once_a_period(guardian: Driller) -> None:
    table = guardian.stocked(Tags=tagged("daily"))
    guardian.look_for_due()
    started = guardian.fact(table, "Drill Started", 120)
    assert started["occasion"] == "tag"
    passed = guardian.passed(started["drillId"])
    assert passed["restoredTo"] == started["restoredTo"]
    guardian.look_for_due()
    guardian.settle()
    assert len(guardian.of_table(table, "Drill Started")) == 1
    guardian.leaves_nothing(started["drillId"])


def test_what_the_budget_leaves_out_is_told_once(guardian: Driller) -> None:
    table = guardian.stocked(Tags=tagged("weekly"))
    with guardian.budget_left(0):
        guardian.look_for_due()
        skipped = guardian.fact(table, "Drill Skipped", 120)
        assert skipped["period"] == "weekly"
        assert skipped["leftInUsd"] == 0
        guardian.look_for_due()
        guardian.settle()
    assert [fact.detail_type for fact in guardian.facts(table)] == [
        "Table Protected",
        "Drill Skipped",
    ]


def test_a_tag_that_nobody_can_read_is_told(guardian: Driller) -> None:
    table = guardian.protected_table(Tags=tagged("fortnightly"))
    guardian.look_for_due()
    rejected = guardian.fact(table, "Drill Rejected", 120)
    assert "'fortnightly'" in rejected["error"]
    eventually(lambda: not guardian.of_table(table, "Drill Started"), "no drill")


def test_a_giant_that_is_over_the_budget_is_drilled_by_one_partition_key(guardian: Driller) -> None:
    table = guardian.stocked()
    guardian.aws.weigh(guardian.arn(table), 10**12)
    with guardian.budget_left(1.0):
        guardian.client("dynamodb").tag_resource(
            ResourceArn=guardian.arn(table), Tags=tagged("yearly")
        )
        guardian.look_for_due()
        started = guardian.fact(table, "Drill Started", 120)
    assert started["kind"] == "small"
    assert started["estimateInUsd"] < 1
    passed = guardian.passed(started["drillId"])
    assert passed["kind"] == "small"
    assert passed["items"] == {"compared": 1, "equal": 1, "explained": 0, "mismatched": 0}
    assert passed["recoveryTime"]["active"] is None
    assert passed["removed"] is True
    evidence = json.loads(guardian.object_at(passed["evidenceUri"]))
    assert evidence["kind"] == "small"
    assert evidence["copyTable"] is None
    [at_the_instant] = [each for each in evidence["exports"] if each["from"] is None]
    assert at_the_instant["to"] == passed["restoredTo"]
    assert "item-" not in json.dumps(evidence)
    assert not guardian.is_there(guardian.copy_of(started["drillId"]))

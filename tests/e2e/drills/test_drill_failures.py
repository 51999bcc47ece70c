"""Whatever goes wrong on the way: one answer, no copy left, and nobody hears of the copy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.drills.driller import GOODS, Driller
from tests.e2e.waiting import eventually

FAILED = ["Drill Started", "Drill Failed"]


def test_a_copy_with_a_wrong_item_is_told_by_the_hash_of_its_key(guardian: Driller) -> None:
    table = guardian.stocked()
    with guardian.copied(table) as drill_id:
        guardian.put(guardian.copy_of(drill_id), {"item-3": {"price": {"N": "-1"}}})
    failed = guardian.failed(drill_id)
    assert failed["items"] == {
        "compared": len(GOODS),
        "equal": len(GOODS) - 1,
        "explained": 0,
        "mismatched": 1,
    }
    assert failed["severity"] == "critical"
    assert "item-3" not in str(failed.detail)
    assert b"item-3" not in guardian.object_at(failed["evidenceUri"])
    assert guardian.kinds(drill_id) == FAILED
    guardian.leaves_nothing(drill_id)


def test_what_a_copy_misses_is_seen(guardian: Driller) -> None:
    table = guardian.stocked()
    with guardian.copied(table) as drill_id:
        guardian.delete(guardian.copy_of(drill_id), "item-5")
    assert guardian.failed(drill_id)["items"]["mismatched"] == 1
    guardian.leaves_nothing(drill_id)


def test_what_the_table_itself_changed_since_is_explained(guardian: Driller) -> None:
    table = guardian.stocked()
    guardian.put(table, {"item-1": {"price": {"N": "99"}}, "new": {"price": {"N": "1"}}})
    guardian.delete(table, "item-2")
    passed = guardian.passed(guardian.ask(table))
    assert passed["items"]["explained"] >= 2
    assert passed["items"]["mismatched"] == 0


def test_a_lag_over_the_tables_target_fails_the_drill(guardian: Driller) -> None:
    tags = [{"Key": "pitr-guardian:rpo-minutes", "Value": "5"}]
    table = guardian.stocked(Tags=tags)
    with guardian.copied(table) as drill_id:
        guardian.set_back_latest(drill_id)
    failed = guardian.failed(drill_id)
    assert "target is 5" in failed["error"]
    assert failed["items"]["mismatched"] == 0
    guardian.leaves_nothing(drill_id)


def test_a_recovery_that_takes_longer_than_the_tables_target_fails_the_drill(
    guardian: Driller,
) -> None:
    table = guardian.stocked(Tags=[{"Key": "pitr-guardian:rto-minutes", "Value": "5"}])
    with guardian.copied(table) as drill_id:
        guardian.let_the_proof_take(drill_id, minutes=6)
    failed = guardian.failed(drill_id)
    assert failed["error"] == "Recovery took 6.0 minutes; the table's target is 5."
    assert failed["items"]["mismatched"] == 0
    assert failed["recoveryTime"]["seconds"] == 360
    evidence = json.loads(guardian.object_at(failed["evidenceUri"]))
    assert evidence["outcome"] == "failed"
    assert evidence["targets"]["rtoMinutes"] == 5
    guardian.leaves_nothing(drill_id)


def test_a_table_that_is_deleted_meanwhile_fails_the_drill(guardian: Driller) -> None:
    table = guardian.stocked()
    with guardian.copied(table) as drill_id:
        guardian.client("dynamodb").delete_table(TableName=table)
    failed = guardian.failed(drill_id)
    assert failed["removed"] is True
    assert guardian.kinds(drill_id) == FAILED
    guardian.leaves_nothing(drill_id)


def test_a_copy_that_somebody_else_deletes_fails_the_drill(guardian: Driller) -> None:
    table = guardian.stocked()
    with guardian.copied(table) as drill_id:
        guardian.client("dynamodb").delete_table(TableName=guardian.copy_of(drill_id))
    failed = guardian.failed(drill_id)
    assert failed["removed"] is True
    assert guardian.kinds(drill_id) == FAILED
    guardian.leaves_nothing(drill_id)


def test_a_workflow_that_is_stopped_is_answered_for_and_its_copy_removed(
    guardian: Driller,
) -> None:
    table = guardian.stocked()
    with guardian.copied(table) as drill_id:
        guardian.stop(drill_id)
    failed = guardian.failed(drill_id)
    assert failed["error"].startswith("WorkflowAborted")
    assert failed["removed"] is False
    assert guardian.is_there(guardian.copy_of(drill_id))
    guardian.let_time_pass_for(drill_id)
    guardian.fire_hourly()
    eventually(lambda: not guardian.is_there(guardian.copy_of(drill_id)), "the copy's end")
    guardian.fire_hourly()
    assert guardian.kinds(drill_id) == FAILED
    guardian.leaves_nothing(drill_id)


def test_a_drill_that_hangs_is_stopped_before_its_copy_is_taken(guardian: Driller) -> None:
    table = guardian.stocked()
    with guardian.copied(table, seconds=8) as drill_id:
        guardian.let_the_copy_age(drill_id, days=4)
        guardian.fire_hourly()
        failed = guardian.failed(drill_id)
    assert failed["error"].startswith("WorkflowAborted")
    assert "its copy was there for 3 days" in failed["error"]
    assert guardian.is_there(guardian.copy_of(drill_id))
    guardian.let_time_pass_for(drill_id)
    guardian.fire_hourly()
    eventually(lambda: not guardian.is_there(guardian.copy_of(drill_id)), "the copy's end")
    assert guardian.kinds(drill_id) == FAILED
    guardian.leaves_nothing(drill_id)


@pytest.mark.parametrize(
    "function",
    [
        "GreetDrillFunction",
        "RestoreCopyFunction",
        "CheckCopyFunction",
        "SampleItemsFunction",
        "SettleItemsFunction",
        "RemoveCopyFunction",
        "ConcludeDrillFunction",
    ],
)
def test_a_function_that_is_killed_is_no_second_copy_and_no_second_answer(
    guardian: Driller, function: str
) -> None:
    table = guardian.stocked()
    with guardian.aws.faults.kill(guardian.role_of(function), times=1) as killed:
        drill_id = guardian.ask(table)
        guardian.passed(drill_id)
        assert killed.hits == 1
    assert set(guardian.kinds(drill_id)) == {"Drill Started", "Drill Passed"}
    assert len({fact["id"] for fact in guardian.told_of(drill_id)}) == 2
    guardian.leaves_nothing(drill_id)


def test_a_table_that_is_named_like_a_copy_and_is_none_is_protected(guardian: Driller) -> None:
    name = guardian.protected_table("pitr-guardian-drill-mine")
    assert guardian.period(name) == 35


def test_a_copys_name_that_is_taken_is_left_alone(guardian: Driller) -> None:
    table = guardian.stocked()
    mine = guardian.protected_table("pitr-guardian-drill-taken")
    drill_id = mine.removeprefix("pitr-guardian-drill-")
    guardian.event({"requestId": drill_id, "table": table})
    assert "already" in guardian.rejected(drill_id)["error"]
    assert guardian.is_there(mine)
    assert guardian.period(mine) == 35


# -- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"table": "nobody"}, "table: there is no table"),
        ({"at": "yesterday"}, "at: "),
        ({"sample": 0}, "sample: "),
        ({"colour": "red"}, "colour: no such field"),
        ({"targetRegion": "eu-nowhere-1"}, "targetRegion: aws has no region"),
        ({"at": "2020-01-01T00:00:00Z"}, "outside the table's PITR window"),
    ],
)
def test_a_request_that_cannot_be_granted_is_refused_by_the_field(
    guardian: Driller, fields: dict[str, Any], said: str
) -> None:
    drill_id = guardian.ask(**{"table": guardian.protected_table(), **fields})
    assert said in guardian.rejected(drill_id)["error"]
    assert guardian.kinds(drill_id) == ["Drill Rejected"]


def test_an_id_is_one_drill(guardian: Driller) -> None:
    table = guardian.stocked()
    drill_id = guardian.ask(table)
    guardian.event({"requestId": drill_id, "table": table})
    guardian.passed(drill_id)
    guardian.event({"requestId": drill_id, "table": table, "sample": 3})
    eventually(lambda: "Drill Rejected" in guardian.kinds(drill_id), "the refusal")
    assert set(guardian.kinds(drill_id)) == {"Drill Started", "Drill Passed", "Drill Rejected"}


def test_nobody_starts_a_drill_past_the_ledger(guardian: Driller) -> None:
    guardian.start("made-up")
    assert guardian.ended("made-up")["error"] == "DrillNotUnderWayError"
    assert guardian.kinds("made-up") == []

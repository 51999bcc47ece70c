"""From damage in a live table to a healed one: planned, approved, carried out, proved."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.embedded_aws import Json
from tests.e2e.undo.goods import BAD, GOOD, SOLD
from tests.e2e.undo.undoer import Damaged, Undoer
from tests.e2e.waiting import eventually

ELSEWHERE = "eu-west-1"
ALL = ["Undo Accepted", "Undo Planned", "Undo Completed"]
NONE = dict.fromkeys(("remove", "putBack", "revert", "merge", "conflict", "expired", "asBefore"), 0)


def test_damage_is_undone_in_place_and_what_came_since_stays(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    guardian.put(damaged.table, {"apples": SOLD, "dates": {"price": {"N": "9"}}})

    planned = guardian.plan(damaged.window, requestedBy="oncall", reason="prices were wiped")
    assert planned["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 1, "merge": 1}
    assert guardian.plans(planned) == {
        "apples": "merge",
        "pears": "revert",
        "plums": "putBack",
        "junk": "remove",
    }
    assert b"<html" in guardian.object_at(planned["planUri"])
    assert guardian.items(damaged.table) == BAD | {"apples": SOLD, "dates": {"price": {"N": "9"}}}

    completed = guardian.carry_out(planned)
    assert completed["verified"] == 4
    assert b"<html" in guardian.object_at(completed["reportUri"])
    assert guardian.items(damaged.table) == GOOD | {
        "apples": {"price": {"N": "3"}, "stock": {"N": "11"}},
        "dates": {"price": {"N": "9"}},
    }
    assert guardian.kinds(planned["planId"]) == ALL
    accepted, _, told = guardian.told_of(planned["planId"])
    assert (accepted["requestedBy"], accepted["requestReason"]) == ("oncall", "prices were wiped")
    assert (told["requestedBy"], told["account"]) == ("anna", guardian.aws.account_id)


def test_an_undo_is_undone(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    first = guardian.plan(damaged.window)
    guardian.carry_out(first)
    assert guardian.items(damaged.table) == GOOD
    second = guardian.plan({"revert": first["planId"]})
    assert second["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 2}
    guardian.carry_out(second)
    assert guardian.items(damaged.table) == BAD


def test_what_others_changed_is_a_conflict_before_the_plan_and_after_it(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    theirs = {"pears": {"price": {"N": "8"}}, "junk": {"price": {"N": "7"}}}
    guardian.put(damaged.table, theirs)
    planned = guardian.plan(damaged.window)
    assert planned["counts"] == NONE | {"conflict": 2, "putBack": 1, "revert": 1}
    assert planned["severity"] == "warning"

    late = {"apples": {"price": {"N": "99"}, "stock": {"N": "12"}}}
    guardian.put(damaged.table, late)
    completed = guardian.carry_out(planned)
    assert completed["counts"] == {
        "removed": 0,
        "putBack": 1,
        "reverted": 0,
        "merged": 0,
        "conflict": 3,
        "failed": 0,
    }
    assert guardian.items(damaged.table) == GOOD | theirs | late


def test_the_good_items_win_where_that_is_asked_for(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    guardian.put(damaged.table, {"pears": {"price": {"N": "8"}}, "junk": {"price": {"N": "7"}}})
    planned = guardian.plan(damaged.window, conflicts="overwrite")
    assert planned["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 2}
    guardian.carry_out(planned)
    assert guardian.items(damaged.table) == GOOD


def test_only_what_was_asked_for_is_undone(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    zero = {"attribute": "price", "is": "=", "value": 0}
    assert guardian.plans(guardian.plan(damaged.window, where=[zero])) == {
        "apples": "revert",
        "pears": "revert",
    }
    assert guardian.plans(guardian.plan(damaged.window, changes=["inserted"])) == {"junk": "remove"}
    before = guardian.exports(damaged.table)
    assert guardian.plans(guardian.plan(damaged.window, partition="plums")) == {"plums": "putBack"}
    after = guardian.exports(damaged.table)
    of_plums = [after[arn] for arn in after.keys() - before.keys()]
    assert max(each["ItemCount"] for each in of_plums) == 1


@pytest.mark.parametrize(
    ("from_minutes", "exports"), [(20, {"D"}), (10, {"D", "P"})], ids=["long", "short"]
)
def test_windows_are_told_by_the_exports_they_need(
    guardian: Undoer, from_minutes: int, exports: set[str]
) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    from_ = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=from_minutes)
    planned = guardian.plan(damaged.window | {"from": from_.isoformat()})
    assert planned["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 2}
    assert guardian.exports_of(damaged.table) == len(exports)


def test_damage_of_a_moment_ago_waits_until_aws_can_export_it(guardian: Undoer) -> None:
    damaged = just_damaged(guardian)
    planned = guardian.plan(damaged.window)
    assert planned["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 2}
    assert guardian.carry_out(planned)["verified"] == 4
    assert guardian.items(damaged.table) == GOOD


def test_the_first_minutes_of_a_table_are_undone_by_one_export(guardian: Undoer) -> None:
    """No window of 15 minutes fits before them: one that begins with them is asked for."""
    table = guardian.protected_table()
    guardian.put(table, GOOD)
    guardian.aws.age(guardian.arn(table), minutes=10)
    guardian.replace(table, GOOD, BAD)
    guardian.aws.age(guardian.arn(table), minutes=20)
    guardian.put(table, {"apples": SOLD})  # after the export's end: what the damage did is known
    now = datetime.now(UTC).replace(microsecond=0)
    from_, to = (now - timedelta(minutes=ago) for ago in (25, 15))
    window = {"table": table, "from": from_.isoformat(), "to": to.isoformat()}
    planned = guardian.plan(window)
    assert planned["counts"] == NONE | {"remove": 1, "putBack": 1, "revert": 1, "merge": 1}
    assert guardian.exports_of(table) == 1
    assert guardian.carry_out(planned)["verified"] == 4
    sold = {"price": GOOD["apples"]["price"], "stock": SOLD["stock"]}
    assert guardian.items(table) == GOOD | {"apples": sold}


def test_a_plan_names_the_stream_and_the_trigger_that_will_see_its_writes(
    guardian: Undoer,
) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    dynamodb = guardian.client("dynamodb")
    dynamodb.update_table(
        TableName=damaged.table,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    stream = dynamodb.describe_table(TableName=damaged.table)["Table"]["LatestStreamArn"]
    function = guardian.physical_id("EnforceFunction")
    mapping = guardian.client("lambda").create_event_source_mapping(
        EventSourceArn=stream, FunctionName=function, StartingPosition="LATEST", BatchSize=1
    )["UUID"]
    try:
        planned = guardian.plan(damaged.window)
    finally:
        guardian.client("lambda").delete_event_source_mapping(UUID=mapping)
    seen = planned["reason"].partition("Who will see the writes: ")[2]
    assert "stream" in seen
    assert function in seen


def test_a_global_table_is_healed_and_its_replicas_are_named(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    guardian.client("dynamodb").update_table(
        TableName=damaged.table, ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}]
    )
    planned = guardian.plan(damaged.window)
    seen = planned["reason"].partition("Who will see the writes: ")[2]
    assert f"replicas in {ELSEWHERE}" in seen
    assert "what another region writes to an item in the same second may be lost" in seen
    assert guardian.carry_out(planned)["verified"] == 4
    assert guardian.items(damaged.table) == GOOD


def test_a_plan_of_many_parts_is_carried_out_in_all_of_them(guardian: Undoer) -> None:
    """A part has at most a thousand lines; each kind of change is in each."""
    good = {f"item-{number:04}": {"price": {"N": "3"}} for number in range(900)}
    bad = {key: {"price": {"N": "0"}} for key in list(good)[:600]}
    bad |= {f"junk-{number:04}": {"price": {"N": "-1"}} for number in range(150)}
    damaged = guardian.damaged(good, bad)
    planned = guardian.plan(damaged.window)
    assert planned["counts"] == NONE | {"remove": 150, "putBack": 300, "revert": 600}
    [folder] = {planned["itemsUri"].rpartition("/")[0]}
    parts = [json.loads(line) for line in guardian.object_at(f"{folder}/parts.jsonl").splitlines()]
    assert [part["lines"] for part in parts] == [1000, 50]
    completed = guardian.carry_out(planned)
    assert (completed["verified"], completed["doubtful"]) == (1050, 0)
    assert guardian.items(damaged.table) == good
    assert b"junk-0149" in guardian.object_at(completed["reportUri"])


def test_items_of_many_attributes_go_back_as_far_as_a_condition_compares(
    guardian: Undoer,
) -> None:
    def wide(count: int, price: str) -> Json:
        return {f"a{number:03}": {"N": price} for number in range(count)}

    good = {"updated": wide(149, "3"), "too wide": wide(150, "3")}
    bad = {"updated": wide(149, "0"), "too wide": wide(150, "0"), "inserted": wide(400, "0")}
    damaged = guardian.damaged(good, bad)
    planned = guardian.plan(damaged.window)
    assert guardian.plans(planned) == {
        "updated": "revert",
        "too wide": "conflict",
        "inserted": "remove",
    }
    assert guardian.carry_out(planned)["verified"] == 2
    assert guardian.items(damaged.table) == {**good, "too wide": bad["too wide"]}


def just_damaged(guardian: Undoer) -> Damaged:
    """A table whose damage hasn't ended two seconds ago; without `to`, it ends when asked for."""
    damaged = guardian.damaged(GOOD, GOOD)
    guardian.replace(damaged.table, GOOD, BAD)
    return Damaged(damaged.table, damaged.to, "", GOOD, BAD)


def test_a_plan_without_writes_is_carried_out_as_well(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    guardian.replace(damaged.table, BAD, GOOD)  # somebody was faster
    planned = guardian.plan(damaged.window)
    assert planned["counts"] == NONE | {"asBefore": 4}
    completed = guardian.carry_out(planned)
    assert (completed["verified"], completed["counts"]["reverted"]) == (0, 0)
    assert guardian.items(damaged.table) == GOOD


def test_an_undo_is_alerted(guardian: Undoer) -> None:
    pager = guardian.subscribe(FilterPolicy='{"event": ["undo-planned"]}')
    damaged = guardian.damaged(GOOD, BAD)
    guardian.plan(damaged.window)
    [message] = eventually(lambda: guardian.take(pager), "the alert")
    assert damaged.table in message["Body"]
    assert "apples" not in message["Body"]

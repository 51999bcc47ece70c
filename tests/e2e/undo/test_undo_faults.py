"""Whatever goes wrong on the way: one answer, no export too many, nobody's write lost."""

from __future__ import annotations

from functools import partial

import pytest

from tests.e2e.undo.goods import BAD, GOOD, SOLD
from tests.e2e.undo.undoer import Damaged, Undoer
from tests.e2e.waiting import eventually

COMPLETED = ["Undo Accepted", "Undo Planned", "Undo Completed"]
FAILED = ["Undo Accepted", "Undo Failed"]
EXPORT = "ExportTableToPointInTime"


@pytest.fixture(scope="module")
def damaged(guardian: Undoer) -> Damaged:
    """A damaged table, which is only planned for."""
    return guardian.damaged(GOOD, BAD)


# -- exports ----------------------------------------------------------------------------------


def test_an_export_that_fails_fails_the_plan_with_its_reason(
    guardian: Undoer, damaged: Damaged
) -> None:
    with guardian.aws.faults.fail_export("S3NoSuchBucket", "gone", table=damaged.table):
        plan_id = guardian.ask(damaged.window)
        failed = guardian.failed(plan_id)
    assert "S3NoSuchBucket" in failed["error"]
    assert failed["phase"] == "plan"
    assert guardian.kinds(plan_id) == FAILED


@pytest.mark.parametrize("damage", ["missing", "truncated", "corrupt", "short"])
def test_a_file_that_is_short_or_wrong_fails_the_plan_by_name(
    guardian: Undoer, damaged: Damaged, damage: str
) -> None:
    with guardian.aws.faults.damage_export(damage, table=damaged.table):
        plan_id = guardian.ask(damaged.window)
        failed = guardian.failed(plan_id)
    assert "/AWSDynamoDB/" in failed["error"]
    assert ".json.gz" in failed["error"]
    assert guardian.kinds(plan_id) == FAILED


def test_an_export_whose_answer_is_lost_is_no_second_one(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    with guardian.aws.faults.lose_answer(EXPORT, table=damaged.table, times=1) as lost:
        guardian.plan(damaged.window)
        assert lost.hits == 1
    assert guardian.exports_of(damaged.table) == 2


def test_pitr_that_is_off_meanwhile_fails_the_plan(guardian: Undoer) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    role = guardian.role_of_undo("StartExportsFunction")
    with guardian.aws.faults.fail(
        EXPORT, "PointInTimeRecoveryUnavailableException", caller=role, table=damaged.table
    ):
        plan_id = guardian.ask(damaged.window)
        failed = guardian.failed(plan_id)
    assert "PITR is gone" in failed["error"]
    assert guardian.kinds(plan_id) == FAILED


# -- functions that are killed ----------------------------------------------------------------

PLANNING = [
    "GreetUndoFunction",
    "StartExportsFunction",
    "CheckExportsFunction",
    "ShardChangesFunction",
    "PlanShardFunction",
    "AssemblePlanFunction",
]
APPLYING = ["ApplyPartFunction", "VerifyPartFunction", "FinishUndoFunction"]


@pytest.mark.parametrize("carried_out", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("spares", [0, 2], ids=["its first call", "its third"])
def test_functions_that_are_killed_begin_again(
    guardian: Undoer, carried_out: bool, spares: int
) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    guardian.put(damaged.table, {"apples": SOLD})
    faults = guardian.aws.faults
    kills = [
        faults.kill(guardian.role_of_undo(name), carried_out=carried_out, spares=spares)
        for name in (*PLANNING, *APPLYING)
    ]
    planned = guardian.plan(damaged.window)
    guardian.carry_out(planned)
    assert sum(kill.hits for kill in kills) >= 5
    faults.clear()
    # A fact may come twice, with one id; and what was told is one answer for each.
    told = {fact.detail_type: fact["id"] for fact in guardian.told_of(planned["planId"])}
    assert list(told) == COMPLETED
    assert len({fact["id"] for fact in guardian.told_of(planned["planId"])}) == len(COMPLETED)
    assert guardian.items(damaged.table) == GOOD | {
        "apples": {"price": {"N": "3"}, "stock": {"N": "11"}}
    }
    assert guardian.exports_of(damaged.table) == 2


@pytest.mark.parametrize("operation", ["UpdateItem", "DeleteItem", "PutItem"])
def test_a_write_whose_answer_is_lost_counts_as_done(guardian: Undoer, operation: str) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    planned = guardian.plan(damaged.window)
    role = guardian.role_of_undo("ApplyPartFunction")
    with guardian.aws.faults.lose_answer(operation, caller=role, table=damaged.table) as lost:
        completed = guardian.carry_out(planned)
        assert lost.hits == 1
    assert completed["counts"]["conflict"] == 0
    assert completed["verified"] == 4
    assert completed["doubtful"] == (operation == "DeleteItem")
    assert guardian.items(damaged.table) == GOOD


@pytest.mark.parametrize(
    ("dies_at", "carried_out"),
    [(None, False), ("DeleteItem", True), ("PutItem", False), ("PutItem", True)],
    ids=["lives", "dies with the answer", "dies before giving back", "dies after giving back"],
)
def test_what_a_removal_took_too_much_is_given_back_or_told(
    guardian: Undoer, dies_at: str | None, carried_out: bool
) -> None:
    """Somebody adds to an item between the last look at it and its removal."""
    damaged = guardian.damaged({}, {"junk": BAD["junk"]})
    planned = guardian.plan(damaged.window)
    role, faults = guardian.role_of_undo("ApplyPartFunction"), guardian.aws.faults
    added = BAD["junk"] | {"note": {"S": "theirs"}}
    where = {"table": damaged.table}
    with faults.delay("DeleteItem", seconds=2, caller=role, **where) as held:
        if dies_at:
            faults.kill(role, dies_at, carried_out=carried_out, **where)
        guardian.approve(planned)
        eventually(lambda: held.hits, "the removal is on its way")
        guardian.put(damaged.table, {"junk": added})
        completed = guardian.completed(planned["planId"])
    assert completed["severity"] == "warning"
    counts = completed["counts"]
    if dies_at and (dies_at, carried_out) != ("PutItem", True):
        assert (completed["doubtful"], counts["removed"], counts["conflict"]) == (1, 1, 0)
        assert "1 item was removed without an answer" in completed["reason"]
        assert guardian.items(damaged.table) == {}
    else:
        # Whoever goes on after a death finds it there, and can't know how it came.
        assert (completed["doubtful"], counts["conflict"]) == (1 if dies_at else 0, 1)
        assert guardian.items(damaged.table) == {"junk": added}


# -- workflows that are ended from outside ----------------------------------------------------


@pytest.mark.parametrize("phase", ["plan", "apply"])
def test_a_workflow_that_is_stopped_is_answered_for(guardian: Undoer, phase: str) -> None:
    damaged = guardian.damaged(GOOD, BAD)
    role = guardian.role_of_undo(
        "CheckExportsFunction" if phase == "plan" else "VerifyPartFunction"
    )
    operation = "DescribeExport" if phase == "plan" else "BatchGetItem"
    plan_id = ""
    with guardian.aws.faults.fail(
        operation, "InternalServerError", caller=role, times=None
    ) as held:
        if phase == "plan":
            plan_id = guardian.ask(damaged.window)
        else:
            planned = guardian.plan(damaged.window)
            plan_id = planned["planId"]
            guardian.approve(planned)
        eventually(lambda: held.hits, f"the workflow of {plan_id} is on its way")
        guardian.stop(phase, plan_id)
        failed = guardian.failed(plan_id)
    assert failed["phase"] == phase
    assert "ABORTED" in failed["error"]
    assert guardian.kinds(plan_id)[-1] == "Undo Failed"


def test_an_execution_that_nobody_asked_for_does_nothing(guardian: Undoer) -> None:
    for phase in ("plan", "apply"):
        guardian.start(phase, "nobodys")
        ended = eventually(partial(guardian.ended, phase, "nobodys"), f"the {phase} workflow ends")
        assert ended["error"] == "UndoNotUnderWayError"
    assert guardian.kinds("nobodys") == []

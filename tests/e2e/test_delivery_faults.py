"""Events come twice, late and out of order: one fact all the same, and the right one."""

from __future__ import annotations

import pytest

from tests.e2e.guardian import UPDATE, Guardian, fresh
from tests.e2e.test_births import KEY
from tests.e2e.waiting import eventually

SWITCH = "dynamodb:UpdateContinuousBackups"


def test_a_birth_that_is_reported_three_times_is_told_of_once(guardian: Guardian) -> None:
    table = fresh("Orders")
    with guardian.aws.faults.duplicate_events("CreateTable", table=table, copies=3):
        guardian.client("dynamodb").create_table(TableName=table, **KEY)
        guardian.fact(table, "Table Protected")
    assert guardian.told(table) == ["Table Protected"]


def test_a_call_that_is_reported_five_times_is_told_of_once(guardian: Guardian) -> None:
    table = guardian.protected_table()
    with guardian.aws.faults.duplicate_events(UPDATE, table=table, copies=5):
        guardian.switch(table, on=False)
        guardian.fact(table, "PITR Re-enabled")
    assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]


def test_a_call_that_is_reported_late_was_an_exposure_until_then(guardian: Guardian) -> None:
    table = guardian.protected_table()
    with guardian.aws.faults.delay_events(UPDATE, 3.0, table=table):
        guardian.switch(table, on=False)
        fact = guardian.fact(table, "PITR Re-enabled")
    assert fact["exposure"]["seconds"] >= 3
    assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]


def test_an_old_story_that_comes_late_is_not_told(guardian: Guardian) -> None:
    table = guardian.protected_table()
    first, second = guardian.user(SWITCH), guardian.user(SWITCH)
    with guardian.aws.faults.hold_events(UPDATE, table=table, times=2) as held:
        guardian.switch(table, on=False, caller=first)
        guardian.switch(table, on=True, caller=first)
        guardian.switch(table, on=False, caller=second)
        fact = guardian.fact(table, "PITR Re-enabled")
        guardian.settle()
        held.release(newest_first=True)
        assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]
    assert fact["actor"]["arn"] == second.arn
    assert guardian.period(table) == 35


@pytest.mark.parametrize("newest_first", [False, True], ids=["in order", "newest first"])
def test_stories_that_come_all_at_once_are_one_drift(
    guardian: Guardian, newest_first: bool
) -> None:
    table = guardian.protected_table()
    callers = [guardian.user(SWITCH) for _ in range(3)]
    with guardian.aws.faults.hold_events(UPDATE, table=table) as held:
        for caller in callers:
            guardian.switch(table, on=True, days=35, caller=caller)
            guardian.switch(table, on=False, caller=caller)
        held.release(newest_first=newest_first)
        fact = guardian.fact(table, "PITR Re-enabled")
        assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]
    # Whose message is worked off first is chance. Where it is one about switching on, it can't be
    # what switched PITR off, and nobody is named.
    assert fact["actor"] is None or fact["actor"]["arn"] in {caller.arn for caller in callers}
    assert guardian.period(table) == 35


def test_a_birth_that_is_reported_after_the_drift_is_no_second_story(guardian: Guardian) -> None:
    table = fresh("Orders")
    with guardian.aws.faults.hold_events("CreateTable", table=table) as held:
        guardian.client("dynamodb").create_table(TableName=table, **KEY)
        eventually(lambda: _is_on(guardian, table), "the owner may switch PITR on")
        guardian.settle()
        guardian.switch(table, on=False)
        guardian.fact(table, "PITR Re-enabled")
        held.release()
        assert guardian.told(table) == ["PITR Re-enabled"]


def _is_on(guardian: Guardian, table: str) -> bool:
    dynamodb = guardian.client("dynamodb")
    try:
        guardian.switch(table, on=True, days=35)
    except (
        dynamodb.exceptions.ContinuousBackupsUnavailableException,
        dynamodb.exceptions.TableNotFoundException,
    ):
        return False
    return True

"""Whoever switches PITR off or shortens its period: it comes back, and it is told of once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.guardian import UPDATE, Guardian, instant
from tests.e2e.waiting import eventually

SWITCH = "dynamodb:UpdateContinuousBackups"


def test_pitr_comes_back_with_its_own_period_and_the_user_is_named(guardian: Guardian) -> None:
    user, table = guardian.user(SWITCH), guardian.protected_table()
    guardian.own_period(table, 14)
    before = guardian.pitr(table)
    guardian.switch(table, on=False, caller=user)
    fact = guardian.fact(table, "PITR Re-enabled")
    assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]
    assert guardian.period(table) == 14
    assert fact["recoveryPeriodInDays"] == 14
    assert fact["severity"] == "warning"
    assert fact["actor"]["arn"] == user.arn
    assert fact["actor"]["tool"] == "SDK for Python"
    assert before["EarliestRestorableDateTime"] <= before["LatestRestorableDateTime"]


def test_the_lost_window_is_what_could_be_restored_until_then(guardian: Guardian) -> None:
    table = guardian.protected_table()
    before = guardian.pitr(table)
    guardian.switch(table, on=False)
    switched_off = datetime.now(UTC)
    lost = guardian.fact(table, "PITR Re-enabled")["lostWindow"]
    assert instant(lost["earliest"]) == before["EarliestRestorableDateTime"]
    # AWS shows a window that ends a little before now; what lies between is lost as well.
    assert before["LatestRestorableDateTime"] <= instant(lost["latest"]) <= switched_off


def test_the_exposure_is_from_the_call_to_the_moment_it_was_put_right(guardian: Guardian) -> None:
    table = guardian.protected_table()
    switched_off = datetime.now(UTC)
    guardian.switch(table, on=False)
    exposure = guardian.fact(table, "PITR Re-enabled")["exposure"]
    since, until = instant(exposure["from"]), instant(exposure["to"])
    assert abs(since - switched_off) < timedelta(seconds=1)  # CloudTrail knows whole seconds
    assert since < until <= datetime.now(UTC)
    assert exposure["seconds"] == pytest.approx((until - since).total_seconds(), abs=0.002)
    earliest = guardian.pitr(table)["EarliestRestorableDateTime"]
    assert abs(earliest - until) < timedelta(seconds=1.5)


def test_a_session_of_a_role_is_named(guardian: Guardian) -> None:
    session, table = guardian.session(SWITCH), guardian.protected_table()
    guardian.switch(table, on=False, caller=session)
    fact = guardian.fact(table, "PITR Re-enabled")
    assert fact["actor"]["type"] == "AssumedRole"
    assert fact["actor"]["arn"] == session.arn
    assert guardian.period(table) == 35


def test_a_table_named_by_its_arn_comes_back_too(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.switch(guardian.arn(table), on=False)
    assert guardian.fact(table, "PITR Re-enabled")["table"]["name"] == table
    assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]


def test_each_time_is_told_of(guardian: Guardian) -> None:
    table = guardian.protected_table()
    for times in (1, 2):
        guardian.switch(table, on=False)
        assert guardian.told(table) == ["Table Protected", *["PITR Re-enabled"] * times]
    assert len({fact["id"] for fact in guardian.facts(table)}) == 3


def test_a_period_that_is_shortened_later_comes_back(guardian_without_grace: Guardian) -> None:
    guardian = guardian_without_grace
    user, table = guardian.user(SWITCH), guardian.protected_table()
    guardian.switch(table, on=True, days=7, caller=user)
    fact = guardian.fact(table, "Recovery Period Restored")
    assert (fact["from"], fact["to"]) == (7, 35)
    assert fact["actor"]["arn"] == user.arn
    assert fact["severity"] == "warning"
    assert guardian.period(table) == 35
    assert guardian.told(table) == ["Table Protected", "Recovery Period Restored"]


def test_a_period_that_the_owner_names_at_birth_is_the_tables_own(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.switch(table, on=True, days=7)
    assert guardian.told(table) == ["Table Protected"]  # no fight
    assert guardian.period(table) == 7
    guardian.switch(table, on=False)
    assert guardian.fact(table, "PITR Re-enabled")["recoveryPeriodInDays"] == 7
    assert guardian.period(table) == 7


def test_a_longer_period_is_nobodys_business(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.own_period(table, 7)
    guardian.switch(table, on=True, days=21)
    assert guardian.told(table) == ["Table Protected"]
    assert guardian.period(table) == 21
    guardian.switch(table, on=False)
    assert guardian.fact(table, "PITR Re-enabled")["recoveryPeriodInDays"] == 21


def test_a_period_named_by_tag_is_honoured(guardian_without_grace: Guardian) -> None:
    guardian = guardian_without_grace
    table = guardian.create_table(
        Tags=[{"Key": "pitr-guardian:recovery-days", "Value": "14"}],
    )
    assert guardian.fact(table, "Table Protected")["recoveryPeriodInDays"] == 14
    guardian.settle()
    guardian.switch(table, on=True, days=13)
    fact = guardian.fact(table, "Recovery Period Restored")
    assert (fact["from"], fact["to"]) == (13, 14)
    assert guardian.told(table) == ["Table Protected", "Recovery Period Restored"]
    assert guardian.period(table) == 14


def test_a_call_that_is_refused_wakes_nobody(guardian: Guardian) -> None:
    stranger, table = guardian.user("dynamodb:DescribeTable"), guardian.protected_table()
    dynamodb = guardian.client("dynamodb", caller=stranger)
    looks = len(guardian.log("enforce"))
    with pytest.raises(dynamodb.exceptions.ClientError, match="AccessDenied"):
        guardian.switch(table, on=False, caller=stranger)
    assert guardian.told(table) == ["Table Protected"]
    assert guardian.period(table) == 35
    assert len(guardian.log("enforce")) == looks


def test_a_table_that_is_deleted_while_it_is_put_right_is_let_go(guardian: Guardian) -> None:
    table = guardian.protected_table()
    role, dynamodb = guardian.role_of("EnforceFunction"), guardian.client("dynamodb")
    guardian.aws.faults.hold_events("DeleteTable", table=table)  # another story, told elsewhere
    with guardian.aws.faults.delay(UPDATE, 1.0, table=table, caller=role) as fault:
        guardian.switch(table, on=False)
        eventually(lambda: fault.hits == 1, "the guardian is about to switch PITR on")
        dynamodb.delete_table(TableName=table)
        assert guardian.told(table) == ["Table Protected"]
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName=table)

"""A table that is exempt is left alone, and that is said once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.guardian import UPDATE, Guardian

TODAY = datetime.now(UTC).date()


def exempt_until(value: str, **more: str) -> list[dict[str, str]]:
    tags = {"pitr-guardian:exempt": value}
    tags |= {f"pitr-guardian:exempt-{key}": text for key, text in more.items()}
    return [{"Key": key, "Value": text} for key, text in tags.items()]


def test_an_exempt_table_is_left_alone_and_its_owner_named(guardian: Guardian) -> None:
    # Well ahead: the run may go on past midnight.
    last_day = (TODAY + timedelta(days=2)).isoformat()
    tags = exempt_until(last_day, reason="load test", owner="shop@example.com")
    table = guardian.create_table("Scratch", Tags=tags)
    fact = guardian.fact(table, "Drift Tolerated")
    assert fact["exemptUntil"] == last_day
    assert fact["exemptReason"] == "load test"
    assert fact["exemptOwner"] == "shop@example.com"
    assert fact["severity"] == "info"
    assert guardian.told(table) == ["Drift Tolerated"]
    assert guardian.period(table) is None


def test_an_exempt_table_may_be_switched_off_and_that_is_said_once(guardian: Guardian) -> None:
    user, table = guardian.user("dynamodb:UpdateContinuousBackups"), guardian.protected_table()
    guardian.client("dynamodb").tag_resource(
        ResourceArn=guardian.arn(table),
        Tags=exempt_until((TODAY + timedelta(days=2)).isoformat()),
    )
    guardian.settle()
    with guardian.aws.faults.duplicate_events(UPDATE, table=table, copies=3):
        guardian.switch(table, on=False, caller=user)
        told = ["Table Protected", "Exemption Noted", "Drift Tolerated"]
        assert guardian.told(table) == told
    fact = guardian.fact(table, "Drift Tolerated")
    assert fact["actor"]["arn"] == user.arn
    assert fact["exemptReason"] is None
    assert guardian.period(table) is None


@pytest.mark.parametrize(
    "value",
    [(TODAY - timedelta(days=1)).isoformat(), "forever", ""],
    ids=["over", "words", "empty"],
)
def test_a_tag_that_exempts_from_nothing_is_no_exemption(guardian: Guardian, value: str) -> None:
    table = guardian.create_table("Scratch", Tags=exempt_until(value))
    guardian.fact(table, "Table Protected")
    assert guardian.period(table) == 35

"""What a watchman tells besides: fights, deletions, and tags that are acted upon at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.e2e.guardian import Guardian
from tests.e2e.waiting import eventually


def test_three_disablings_within_an_hour_are_a_fight_and_later_ones_are_folded(
    guardian: Guardian,
) -> None:
    table, user = guardian.protected_table(), guardian.user("dynamodb:UpdateContinuousBackups")
    for _ in range(4):
        guardian.switch(table, on=False, caller=user)
        guardian.settle()
        assert guardian.period(table) == 35
    told = guardian.told(table)
    assert told.count("PITR Re-enabled") == 3
    assert told.count("Fight Detected") == 1
    fight = guardian.fact(table, "Fight Detected")
    assert fight["severity"] == "critical"
    assert fight["count"] == 3
    assert fight["advice"]


def test_a_deleted_table_is_told_with_the_request_that_rescues_it(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.client("dynamodb").delete_table(TableName=table)
    fact = guardian.fact(table, "Table Deleted")
    assert f"{table}/backup/" in fact["backupArn"]
    rescue_before = datetime.fromisoformat(fact["rescueBefore"])
    assert timedelta(days=34) < rescue_before - datetime.now(UTC) <= timedelta(days=35)
    assert fact["request"] == {
        "sourceTable": guardian.arn(table),
        "targetTable": table,
        "restoreTo": fact["backupArn"],
    }


def test_a_table_whose_exemption_is_removed_is_protected_at_once(guardian: Guardian) -> None:
    until = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    table = guardian.create_table(Tags=[{"Key": "pitr-guardian:exempt", "Value": until}])
    guardian.fact(table, "Drift Tolerated")
    guardian.client("dynamodb").untag_resource(
        ResourceArn=guardian.arn(table), TagKeys=["pitr-guardian:exempt"]
    )
    eventually(lambda: guardian.period(table) == 35, "the table is protected")


def test_a_longer_period_by_tag_is_acted_upon_at_once(guardian: Guardian) -> None:
    table = guardian.create_table(Tags=[{"Key": "pitr-guardian:recovery-days", "Value": "7"}])
    guardian.fact(table, "Table Protected")
    guardian.client("dynamodb").tag_resource(
        ResourceArn=guardian.arn(table),
        Tags=[{"Key": "pitr-guardian:recovery-days", "Value": "14"}],
    )
    eventually(lambda: guardian.period(table) == 14, "the longer period is set")


def test_an_exemption_that_nobody_can_read_is_reported(guardian: Guardian) -> None:
    table = guardian.create_table(Tags=[{"Key": "pitr-guardian:exempt", "Value": "forever"}])
    fact = guardian.fact(table, "Exemption Invalid")
    assert fact["tagValue"] == "forever"
    assert guardian.period(table) == 35

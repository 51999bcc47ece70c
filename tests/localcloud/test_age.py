"""A table that is made older has a past, as if days had gone by for it alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.localcloud.account import Account

DAY = timedelta(days=1)


def window(aws: Account, table: str) -> Any:
    described = aws.dynamodb.describe_continuous_backups(TableName=table)
    return described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]


def switch(aws: Account, table: str, days: int) -> None:
    aws.dynamodb.update_continuous_backups(
        TableName=table,
        PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True,
            "RecoveryPeriodInDays": days,
        },
    )


def test_its_window_and_its_birth_move_back(aws: Account) -> None:
    table = aws.protected_table()
    before, born = window(aws, table), aws.dynamodb.describe_table(TableName=table)["Table"]
    aws.cloud.age(aws.arn(table), 20)
    after, reborn = window(aws, table), aws.dynamodb.describe_table(TableName=table)["Table"]
    moved = before["EarliestRestorableDateTime"] - after["EarliestRestorableDateTime"]
    assert moved == 20 * DAY
    assert born["CreationDateTime"] - reborn["CreationDateTime"] == 20 * DAY


def test_the_window_is_never_longer_than_the_period_and_shortening_it_costs_the_rest(
    aws: Account,
) -> None:
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), 50)
    latest = window(aws, table)["LatestRestorableDateTime"]
    assert latest - window(aws, table)["EarliestRestorableDateTime"] < 35 * DAY
    switch(aws, table, 7)
    switch(aws, table, 35)
    assert latest - window(aws, table)["EarliestRestorableDateTime"] < 7 * DAY


def test_its_items_are_restored_as_they_were_then(aws: Account) -> None:
    table = aws.protected_table()
    aws.dynamodb.put_item(TableName=table, Item={"id": {"S": "old"}})
    aws.cloud.age(aws.arn(table), 3)
    aws.dynamodb.put_item(TableName=table, Item={"id": {"S": "new"}})
    aws.advance(600)
    at = window(aws, table)["LatestRestorableDateTime"] - DAY
    aws.dynamodb.restore_table_to_point_in_time(
        SourceTableName=table, TargetTableName="yesterday", RestoreDateTime=at
    )
    aws.advance(3600)
    items = aws.dynamodb.scan(TableName="yesterday")["Items"]
    assert [item["id"]["S"] for item in items] == ["old"]


def test_a_table_that_isnt_there_or_not_yet_active_has_no_past(aws: Account) -> None:
    with pytest.raises(LookupError, match="nowhere"):
        aws.cloud.age(aws.arn("nowhere"), 1)
    with pytest.raises(LookupError, match="young"):
        aws.cloud.age(aws.arn(aws.create_table("young")), 1)

"""However a table is born, it is protected, and told of once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.guardian import Guardian, fresh
from tests.e2e.waiting import eventually

KEY = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def test_a_new_table_is_protected_and_its_creator_named(guardian: Guardian) -> None:
    creator = guardian.user("dynamodb:CreateTable")
    table = guardian.create_table(caller=creator)
    fact = guardian.fact(table, "Table Protected")
    assert guardian.told(table) == ["Table Protected"]
    assert guardian.period(table) == 35
    assert fact.source == "pitr-guardian"
    assert fact["table"] == {
        "arn": guardian.arn(table),
        "name": table,
        "account": guardian.aws.account_id,
        "region": guardian.stack.region,
    }
    assert fact["actor"]["arn"] == creator.arn
    assert fact["actor"]["type"] == "IAMUser"
    assert fact["actor"]["sourceIp"] == "127.0.0.1"
    assert fact["createdBy"] == "CreateTable"
    assert fact["recoveryPeriodInDays"] == 35
    assert fact["severity"] == "info"
    assert fact["version"] == "1"


def test_a_storm_of_new_tables_is_worked_off(guardian: Guardian) -> None:
    tables = [guardian.create_table("Storm") for _ in range(12)]
    guardian.settle(within=60)
    for table in tables:
        assert guardian.period(table) == 35
        assert [fact.detail_type for fact in guardian.facts(table)] == ["Table Protected"]


def test_a_table_restored_from_a_backup_is_protected(guardian: Guardian) -> None:
    source, target = guardian.protected_table(), fresh("Restored")
    dynamodb = guardian.client("dynamodb")
    backup = dynamodb.create_backup(TableName=source, BackupName="before-migration")
    arn = backup["BackupDetails"]["BackupArn"]
    eventually(lambda: _is_available(dynamodb, arn), f"{arn} is AVAILABLE")
    dynamodb.restore_table_from_backup(TargetTableName=target, BackupArn=arn)
    fact = guardian.fact(target, "Table Protected")
    assert fact["createdBy"] == "RestoreTableFromBackup"
    assert guardian.told(target) == ["Table Protected"]
    assert guardian.period(target) == 35


def test_a_table_that_somebody_restores_by_hand_is_protected(guardian: Guardian) -> None:
    source, target = guardian.protected_table(), fresh("Restored")
    guardian.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName=source, TargetTableName=target, UseLatestRestorableTime=True
    )
    fact = guardian.fact(target, "Table Protected")
    assert fact["createdBy"] == "RestoreTableToPointInTime"
    assert guardian.told(target) == ["Table Protected"]
    assert guardian.told(source) == ["Table Protected"]


def test_an_imported_table_is_protected(guardian: Guardian) -> None:
    name, bucket = fresh("Catalogue"), fresh("bucket")
    s3 = guardian.client("s3")
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": guardian.stack.region}
    )
    s3.put_object(Bucket=bucket, Key="items.json", Body=b'{"Item": {"id": {"S": "1"}}}')
    guardian.client("dynamodb").import_table(
        S3BucketSource={"S3Bucket": bucket},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={"TableName": name, **KEY},
    )
    fact = guardian.fact(name, "Table Protected")
    assert fact["createdBy"] == "ImportTable"
    assert guardian.told(name) == ["Table Protected"]


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_replica_is_protected_in_its_own_region(guardian: Guardian, region: str) -> None:
    table = guardian.protected_table(
        "Sessions",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    guardian.client("dynamodb").update_table(
        TableName=table, ReplicaUpdates=[{"Create": {"RegionName": region}}]
    )
    eventually(
        lambda: len(guardian.facts(table)) == 2, f"a second fact about {table}, of its replica"
    )
    replica = guardian.fact(table, "Table Protected")
    assert replica["table"]["arn"] == guardian.arn(table, region)
    assert replica["table"]["region"] == region
    assert replica["createdBy"] == "UpdateTable"
    assert guardian.period(table, region) == 35
    assert guardian.told(table) == ["Table Protected"] * 2


def test_a_new_table_of_an_old_name_is_a_new_table(guardian: Guardian) -> None:
    table = guardian.protected_table()
    guardian.own_period(table, 7)
    dynamodb = guardian.client("dynamodb")
    dynamodb.delete_table(TableName=table)
    dynamodb.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
    dynamodb.create_table(TableName=table, **KEY)

    def protected() -> list[str]:
        kinds = [fact.detail_type for fact in guardian.facts(table)]
        return [kind for kind in kinds if kind != "Table Deleted"]

    eventually(lambda: len(protected()) == 2, f"a second birth of {table}")
    guardian.settle()
    assert protected() == ["Table Protected"] * 2
    assert guardian.period(table) == 35


def test_a_table_that_takes_its_time_is_waited_for(guardian: Guardian) -> None:
    role = guardian.role_of("EnforceFunction")
    unavailable = "ContinuousBackupsUnavailableException"
    table = fresh("Orders")
    with guardian.aws.faults.fail(
        "UpdateContinuousBackups", unavailable, table=table, caller=role, times=1
    ) as fault:
        guardian.client("dynamodb").create_table(TableName=table, **KEY)
        guardian.fact(table, "Table Protected")
    assert fault.hits == 1
    assert guardian.told(table) == ["Table Protected"]


def _is_available(dynamodb: Any, backup_arn: str) -> bool:
    described = dynamodb.describe_backup(BackupArn=backup_arn)["BackupDescription"]
    return bool(described["BackupDetails"]["BackupStatus"] == "AVAILABLE")

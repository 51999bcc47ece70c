"""What a deleted table leaves, and on-demand backups beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.localcloud.account import SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.test_restore import WITH_TWO_INDEXES
from tests.localcloud.test_tables import BY_CUSTOMER, WITH_INDEX


def back_up(aws: Account, name: str = "by-hand") -> str:
    """Make an on-demand backup that is AVAILABLE, and return its ARN."""
    made = aws.dynamodb.create_backup(TableName="orders", BackupName=name)["BackupDetails"]
    aws.advance(SETTINGS.backup_seconds)
    return str(made["BackupArn"])


def delete(aws: Account, table: str = "orders") -> None:
    aws.dynamodb.delete_table(TableName=table)
    aws.advance(SETTINGS.deleting_seconds)


def system_backups(aws: Account, **filters: Any) -> Any:
    return aws.dynamodb.list_backups(BackupType="SYSTEM", **filters)["BackupSummaries"]


def test_with_pitr_off_nothing_is_left(aws: Account) -> None:
    aws.active_table()
    delete(aws)
    assert system_backups(aws) == []


def test_with_pitr_on_a_system_backup_is_left_for_35_days(aws: Account) -> None:
    aws.protected_table()
    table_id = aws.describe("orders")["TableId"]
    delete(aws)
    [backup] = system_backups(aws)
    assert backup["BackupName"] == "orders$DeletedTableBackup"
    assert (backup["BackupType"], backup["BackupStatus"]) == ("SYSTEM", "AVAILABLE")
    assert (backup["TableId"], backup["TableArn"]) == (table_id, aws.arn("orders"))
    kept = backup["BackupExpiryDateTime"] - backup["BackupCreationDateTime"]
    assert abs(kept - timedelta(days=35)) < timedelta(seconds=1)
    aws.advance(kept.total_seconds())
    assert system_backups(aws) == []


def test_the_system_backup_is_visible_after_a_delay(aws: Account) -> None:
    aws.protected_table()
    aws.dynamodb.delete_table(TableName="orders")
    assert system_backups(aws) == []
    aws.advance(SETTINGS.deletion_backup_seconds)
    assert len(system_backups(aws)) == 1


def test_lists_hide_system_backups_unless_asked_for_them(aws: Account) -> None:
    aws.protected_table()
    aws.dynamodb.create_backup(TableName="orders", BackupName="by-hand")
    delete(aws)

    def names(**filters: str) -> set[str]:
        summaries = aws.dynamodb.list_backups(**filters)["BackupSummaries"]
        return {summary["BackupName"] for summary in summaries}

    assert names() == {"by-hand"}
    assert names(BackupType="USER") == {"by-hand"}
    assert names(BackupType="SYSTEM") == {"orders$DeletedTableBackup"}
    assert names(BackupType="ALL") == {"by-hand", "orders$DeletedTableBackup"}
    assert names(BackupType="ALL", TableName="others") == set()
    assert len(names(BackupType="ALL", TableName=aws.arn("orders"))) == 2


def test_lists_of_backups_come_in_pages_and_by_time(aws: Account) -> None:
    aws.active_table()
    for name in ("first", "second", "third"):
        aws.dynamodb.create_backup(TableName="orders", BackupName=name)
        aws.advance(60)
    page = aws.dynamodb.list_backups(Limit=2)
    rest = aws.dynamodb.list_backups(ExclusiveStartBackupArn=page["LastEvaluatedBackupArn"])
    assert [backup["BackupName"] for backup in rest["BackupSummaries"]] == ["third"]
    since = aws.cloud.clock.now() - timedelta(seconds=130)
    late = aws.dynamodb.list_backups(TimeRangeLowerBound=since)["BackupSummaries"]
    assert [backup["BackupName"] for backup in late] == ["second", "third"]


def test_nobody_can_delete_a_system_backup(aws: Account) -> None:
    aws.protected_table()
    delete(aws)
    [backup] = system_backups(aws)
    with refused("ValidationException"):
        aws.dynamodb.delete_backup(BackupArn=backup["BackupArn"])
    assert system_backups(aws) == [backup]


def test_a_system_backup_restores_the_table_as_it_was_at_its_deletion(aws: Account) -> None:
    aws.protected_table(**WITH_INDEX)
    aws.put("orders", "1", customer="a")
    delete(aws)
    [backup] = system_backups(aws)
    described = aws.dynamodb.restore_table_from_backup(
        TargetTableName="orders", BackupArn=backup["BackupArn"]
    )["TableDescription"]
    assert described["TableStatus"] == "CREATING"
    assert described["RestoreSummary"]["SourceBackupArn"] == backup["BackupArn"]
    assert described["RestoreSummary"]["SourceTableArn"] == aws.arn("orders")
    aws.advance(SETTINGS.restore_seconds + SETTINGS.index_seconds)
    restored = aws.describe("orders")
    assert restored["TableId"] != backup["TableId"]
    assert [index["IndexName"] for index in restored["GlobalSecondaryIndexes"]] == ["by-customer"]
    assert "RestoreSummary" not in restored
    assert aws.items("orders") == [{"id": "1", "customer": "a"}]
    assert aws.pitr("orders") == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_a_system_backup_tells_the_settings_that_the_table_had_at_its_deletion(
    aws: Account,
) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    aws.protected_table(
        **WITH_TWO_INDEXES,
        StreamSpecification=stream,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    aws.dynamodb.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    delete(aws)
    [backup] = system_backups(aws)
    told = aws.dynamodb.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]
    assert told["SourceTableDetails"]["BillingMode"] == "PAY_PER_REQUEST"
    features = told["SourceTableFeatureDetails"]
    assert [index["IndexName"] for index in features["GlobalSecondaryIndexes"]] == ["by-customer"]
    assert [index["IndexName"] for index in features["LocalSecondaryIndexes"]] == ["by-day"]
    assert features["StreamDescription"] == stream
    assert features["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }
    assert features["SSEDescription"]["KMSMasterKeyArn"] == key


def test_a_system_backup_of_a_plain_table_tells_of_no_features(aws: Account) -> None:
    aws.protected_table()
    delete(aws)
    [backup] = system_backups(aws)
    told = aws.dynamodb.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]
    assert told["SourceTableFeatureDetails"] == {
        "TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}
    }


def test_indexes_billing_and_encryption_come_back_from_a_system_backup(aws: Account) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    seven = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 8}
    aws.protected_table(
        **WITH_TWO_INDEXES
        | {"GlobalSecondaryIndexes": [{**BY_CUSTOMER, "ProvisionedThroughput": seven}]},
        BillingMode="PROVISIONED",
        ProvisionedThroughput=seven,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    before = aws.describe("orders")
    delete(aws)
    [backup] = system_backups(aws)
    aws.dynamodb.restore_table_from_backup(
        TargetTableName="restored", BackupArn=backup["BackupArn"]
    )
    aws.advance(SETTINGS.restore_seconds)
    restored = aws.describe("restored")
    [index] = restored["GlobalSecondaryIndexes"]
    assert (restored["TableStatus"], index["IndexStatus"]) == ("ACTIVE", "CREATING")
    aws.advance(SETTINGS.index_seconds)
    restored = aws.describe("restored")
    for setting in ("KeySchema", "BillingModeSummary", "ProvisionedThroughput", "SSEDescription"):
        assert restored[setting] == before[setting], setting
    [index] = restored["GlobalSecondaryIndexes"]
    assert index["IndexStatus"] == "ACTIVE"
    assert index["ProvisionedThroughput"]["WriteCapacityUnits"] == 8
    assert [each["IndexName"] for each in restored["LocalSecondaryIndexes"]] == ["by-day"]


def test_two_deleted_tables_of_one_name_are_told_apart_by_their_ids(aws: Account) -> None:
    ids = []
    for _ in range(2):
        aws.protected_table()
        ids.append(aws.describe("orders")["TableId"])
        delete(aws)
    assert [backup["TableId"] for backup in system_backups(aws, TableName="orders")] == ids


def test_a_backup_that_is_not_there_cannot_be_restored(aws: Account) -> None:
    with refused("BackupNotFoundException"):
        aws.dynamodb.restore_table_from_backup(
            TargetTableName="orders", BackupArn=aws.arn("orders") + "/backup/0-0"
        )


def test_a_backup_cannot_be_restored_onto_a_table_that_is_there(aws: Account) -> None:
    aws.active_table()
    arn = back_up(aws)
    with refused("TableAlreadyExistsException"):
        aws.dynamodb.restore_table_from_backup(TargetTableName="orders", BackupArn=arn)
    delete(aws)
    aws.dynamodb.restore_table_from_backup(TargetTableName="orders", BackupArn=arn)
    with refused("TableInUseException"):
        aws.dynamodb.restore_table_from_backup(TargetTableName="orders", BackupArn=arn)


def test_an_on_demand_backup_can_be_described_and_deleted(aws: Account) -> None:
    aws.active_table()
    arn = back_up(aws)
    described = aws.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert described["BackupDetails"]["BackupType"] == "USER"
    aws.dynamodb.delete_backup(BackupArn=arn)
    with refused("BackupNotFoundException"):
        aws.dynamodb.describe_backup(BackupArn=arn)


def test_a_protected_table_may_not_be_deleted(aws: Account) -> None:
    aws.protected_table(DeletionProtectionEnabled=True)
    with refused("ValidationException"):
        aws.dynamodb.delete_table(TableName="orders")
    assert aws.status("orders") == "ACTIVE"


def test_an_on_demand_backup_is_made_in_a_while_and_of_no_use_until_then(aws: Account) -> None:
    aws.protected_table()
    made = aws.dynamodb.create_backup(TableName="orders", BackupName="by-hand")["BackupDetails"]
    arn = made["BackupArn"]
    assert made["BackupStatus"] == "CREATING"
    [listed] = aws.dynamodb.list_backups()["BackupSummaries"]
    assert listed["BackupStatus"] == "CREATING"
    with refused("BackupInUseException"):
        aws.dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    with refused("BackupInUseException"):
        aws.dynamodb.delete_backup(BackupArn=arn)
    aws.advance(SETTINGS.backup_seconds)
    details = aws.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
    assert details["BackupStatus"] == "AVAILABLE"
    aws.dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)


def test_an_on_demand_backup_has_the_items_of_its_moment_and_outlives_the_table(
    aws: Account,
) -> None:
    aws.active_table(**WITH_INDEX)
    table_id = aws.describe("orders")["TableId"]
    aws.put("orders", "1", customer="a")
    arn = back_up(aws)
    aws.put("orders", "2", customer="b")
    delete(aws)
    aws.active_table()
    [listed] = aws.dynamodb.list_backups(TableName="orders")["BackupSummaries"]
    assert (listed["BackupArn"], listed["TableId"]) == (arn, table_id)
    described = aws.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert described["SourceTableDetails"]["TableId"] == table_id
    aws.dynamodb.restore_table_from_backup(TargetTableName="restored", BackupArn=arn)
    aws.advance(SETTINGS.restore_seconds + SETTINGS.index_seconds)
    assert aws.items("restored") == [{"id": "1", "customer": "a"}]
    [index] = aws.describe("restored")["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "by-customer"


def test_an_on_demand_backup_tells_the_settings_of_its_moment(aws: Account) -> None:
    aws.active_table()
    aws.dynamodb.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    arn = back_up(aws)
    told = aws.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]
    assert told["SourceTableFeatureDetails"]["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }

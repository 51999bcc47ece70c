"""What a restore gives back: the items of that second, and which of the settings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from localcloud import Settings
from tests.localcloud.account import ELSEWHERE, HOME, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.test_tables import BY_CUSTOMER, WITH_INDEX

MINUTE = 60
WITH_TWO_INDEXES: dict[str, Any] = {
    "KeySchema": [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "line", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        *(
            {"AttributeName": name, "AttributeType": "S"}
            for name in ("id", "line", "customer", "day")
        ),
    ],
    "GlobalSecondaryIndexes": [BY_CUSTOMER],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-day",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "day", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}


def instant(aws: Account) -> datetime:
    """This second, with a minute before and after it in which nothing happens."""
    aws.advance(MINUTE)
    now = aws.cloud.clock.now()
    aws.advance(MINUTE)
    return now


def restore(aws: Account, to: datetime | None = None, **parameters: Any) -> Any:
    when: dict[str, Any] = {"RestoreDateTime": to} if to else {"UseLatestRestorableTime": True}
    source = {} if "SourceTableArn" in parameters else {"SourceTableName": "orders"}
    answer = aws.dynamodb.restore_table_to_point_in_time(
        **{"TargetTableName": "restored", **source, **when, **parameters}
    )
    return answer["TableDescription"]


def restored(aws: Account, to: datetime | None = None, **parameters: Any) -> Any:
    """Restore and wait until table and indexes are ACTIVE; the description."""
    aws.advance(SETTINGS.latest_lag_seconds)
    name = restore(aws, to, **parameters)["TableName"]
    aws.advance(SETTINGS.restore_seconds + SETTINGS.index_seconds)
    return aws.describe(name)


def test_items_come_back_as_they_were_at_the_asked_second(aws: Account) -> None:
    aws.protected_table()
    aws.put("orders", "kept", state="old")
    aws.put("orders", "deleted", state="old")
    then = instant(aws)
    aws.put("orders", "kept", state="new")
    aws.put("orders", "added", state="new")
    aws.dynamodb.delete_item(TableName="orders", Key={"id": {"S": "deleted"}})
    restored(aws, then)
    assert aws.items("restored") == [
        {"id": "deleted", "state": "old"},
        {"id": "kept", "state": "old"},
    ]
    assert aws.items("orders") == [{"id": "added", "state": "new"}, {"id": "kept", "state": "new"}]


def test_every_way_of_writing_is_in_the_journal(aws: Account) -> None:
    aws.protected_table()
    dynamodb = aws.dynamodb
    for key in ("update", "batch", "transaction", "statement", "gone"):
        aws.put("orders", key, state="old")
    then = instant(aws)
    new = {"S": "new"}
    dynamodb.update_item(
        TableName="orders",
        Key={"id": {"S": "update"}},
        UpdateExpression="SET #s = :s",
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":s": new},
    )
    item = {"id": {"S": "batch"}, "state": new}
    dynamodb.batch_write_item(RequestItems={"orders": [{"PutRequest": {"Item": item}}]})
    put = {"TableName": "orders", "Item": {"id": {"S": "transaction"}, "state": new}}
    dynamodb.transact_write_items(TransactItems=[{"Put": put}])
    dynamodb.execute_statement(
        Statement="UPDATE \"orders\" SET state='new' WHERE id='statement'",
    )
    dynamodb.execute_statement(Statement="DELETE FROM \"orders\" WHERE id='gone'")
    now = instant(aws)
    restored(aws, then, TargetTableName="old")
    restored(aws, now, TargetTableName="new")
    assert {item["state"] for item in aws.items("old")} == {"old"}
    assert len(aws.items("old")) == 5
    assert {item["state"] for item in aws.items("new")} == {"new"}
    assert len(aws.items("new")) == 4


def test_the_latest_restorable_time_lacks_the_newest_writes(aws: Account) -> None:
    aws.protected_table()
    aws.put("orders", "early")
    aws.advance(SETTINGS.latest_lag_seconds)
    aws.put("orders", "late")
    restore(aws)
    aws.advance(SETTINGS.restore_seconds)
    assert aws.items("restored") == [{"id": "early"}]


def test_a_restore_of_a_restored_table_goes_back_in_its_own_time(aws: Account) -> None:
    aws.protected_table()
    aws.put("orders", "1", state="first")
    restored(aws)
    aws.switch("restored", on=True)
    then = instant(aws)
    aws.put("restored", "1", state="second")
    restored(aws, then, SourceTableName="restored", TargetTableName="again")
    assert aws.items("again") == [{"id": "1", "state": "first"}]


def test_a_recreated_table_has_a_journal_of_its_own(aws: Account) -> None:
    aws.protected_table()
    aws.put("orders", "of the first")
    aws.dynamodb.delete_table(TableName="orders")
    aws.advance(SETTINGS.deleting_seconds)
    aws.protected_table()
    aws.put("orders", "of the second")
    restored(aws)
    assert aws.items("restored") == [{"id": "of the second"}]


def test_a_restoring_table_is_creating_with_a_summary_that_goes_away(aws: Account) -> None:
    aws.protected_table()
    then = instant(aws)
    aws.advance(SETTINGS.latest_lag_seconds)
    summary = restore(aws, then)["RestoreSummary"]
    assert aws.status("restored") == "CREATING"
    assert aws.describe("restored")["RestoreSummary"] == summary
    assert summary["RestoreInProgress"] is True
    assert summary["SourceTableArn"] == aws.arn("orders")
    assert abs(summary["RestoreDateTime"] - then) < timedelta(seconds=1)
    aws.advance(SETTINGS.restore_seconds)
    assert aws.status("restored") == "ACTIVE"
    assert "RestoreSummary" not in aws.describe("restored")


def test_a_restoring_table_can_be_described_but_not_touched(aws: Account) -> None:
    aws.protected_table()
    restore(aws)
    dynamodb, arn = aws.dynamodb, aws.arn("restored")
    with refused("ResourceNotFoundException"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    with refused("ResourceNotFoundException"):
        dynamodb.update_time_to_live(
            TableName="restored", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
    with refused("ResourceNotFoundException"):
        dynamodb.update_table(TableName="restored", DeletionProtectionEnabled=True)
    with refused("ResourceInUseException"):
        dynamodb.delete_table(TableName="restored")
    with refused("ResourceNotFoundException"):
        aws.items("restored")


def test_done_means_that_the_indexes_are_active_too(aws: Account) -> None:
    aws.protected_table(**WITH_INDEX)
    restore(aws)
    aws.advance(SETTINGS.restore_seconds)
    description = aws.describe("restored")
    assert description["TableStatus"] == "ACTIVE"
    assert description["GlobalSecondaryIndexes"][0]["IndexStatus"] == "CREATING"
    aws.advance(SETTINGS.index_seconds)
    assert aws.describe("restored")["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"


def test_keys_indexes_billing_and_encryption_are_carried_over(aws: Account) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    aws.protected_table(
        **WITH_TWO_INDEXES,
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    source, target = aws.describe("orders"), restored(aws)
    for setting in ("KeySchema", "AttributeDefinitions", "BillingModeSummary", "SSEDescription"):
        assert target[setting] == source[setting], setting
    for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for theirs, ours in zip(source[kind], target[kind], strict=True):
            for setting in ("IndexName", "KeySchema", "Projection"):
                assert theirs[setting] == ours[setting], (kind, setting)


def test_provisioned_throughput_is_carried_over_to_table_and_index(aws: Account) -> None:
    seven = {"ReadCapacityUnits": 7, "WriteCapacityUnits": 8}
    aws.protected_table(
        BillingMode="PROVISIONED",
        ProvisionedThroughput=seven,
        AttributeDefinitions=WITH_INDEX["AttributeDefinitions"],
        GlobalSecondaryIndexes=[{**BY_CUSTOMER, "ProvisionedThroughput": seven}],
    )
    target = restored(aws)
    assert target["ProvisionedThroughput"]["ReadCapacityUnits"] == 7
    assert target["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 8


def test_tags_ttl_stream_pitr_policy_protection_and_class_are_not_carried_over(
    aws: Account,
) -> None:
    aws.protected_table(
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
        TableClass="STANDARD_INFREQUENT_ACCESS",
        Tags=[{"Key": "team", "Value": "a"}],
    )
    dynamodb = aws.dynamodb
    dynamodb.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
    )
    dynamodb.put_resource_policy(ResourceArn=aws.arn("orders"), Policy='{"Statement": []}')
    dynamodb.update_contributor_insights(TableName="orders", ContributorInsightsAction="ENABLE")
    target, arn = restored(aws), aws.arn("restored")
    assert not {"LatestStreamArn", "StreamSpecification", "TableClassSummary"} & target.keys()
    assert target["DeletionProtectionEnabled"] is False
    assert dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"] == []
    ttl = dynamodb.describe_time_to_live(TableName="restored")["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "DISABLED"}
    assert aws.pitr("restored") == {"PointInTimeRecoveryStatus": "DISABLED"}
    with refused("PolicyNotFoundException"):
        dynamodb.get_resource_policy(ResourceArn=arn)
    insights = dynamodb.describe_contributor_insights(TableName="restored")
    assert insights["ContributorInsightsStatus"] == "DISABLED"


def test_indexes_left_out_of_the_overrides_are_all_kept_and_empty_lists_keep_none(
    aws: Account,
) -> None:
    aws.protected_table(**WITH_TWO_INDEXES)
    everything = restored(aws, TargetTableName="everything")
    nothing = restored(
        aws,
        TargetTableName="nothing",
        GlobalSecondaryIndexOverride=[],
        LocalSecondaryIndexOverride=[],
    )
    kinds = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes"}
    assert kinds <= everything.keys()
    assert not kinds & nothing.keys()
    names = {attribute["AttributeName"] for attribute in nothing["AttributeDefinitions"]}
    assert names == {"id", "line"}


def test_a_subset_of_indexes_must_equal_those_of_the_source(aws: Account) -> None:
    aws.protected_table(**WITH_TWO_INDEXES)
    aws.advance(SETTINGS.latest_lag_seconds)
    changed = {**BY_CUSTOMER, "Projection": {"ProjectionType": "KEYS_ONLY"}}
    with refused("ValidationException"):
        restore(aws, GlobalSecondaryIndexOverride=[changed])
    with refused("ValidationException"):
        restore(aws, GlobalSecondaryIndexOverride=[{**BY_CUSTOMER, "IndexName": "by-nobody"}])
    target = restored(
        aws, GlobalSecondaryIndexOverride=[BY_CUSTOMER], LocalSecondaryIndexOverride=[]
    )
    assert [index["IndexName"] for index in target["GlobalSecondaryIndexes"]] == ["by-customer"]
    assert "LocalSecondaryIndexes" not in target


def test_billing_throughput_and_encryption_may_be_overridden(aws: Account) -> None:
    aws.protected_table()
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    target = restored(
        aws,
        BillingModeOverride="PROVISIONED",
        ProvisionedThroughputOverride={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2},
        SSESpecificationOverride={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    assert target["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert target["ProvisionedThroughput"]["ReadCapacityUnits"] == 3
    assert target["SSEDescription"]["KMSMasterKeyArn"] == key


def test_encryption_may_go_back_to_the_aws_owned_key(aws: Account) -> None:
    aws.protected_table(SSESpecification={"Enabled": True, "SSEType": "KMS"})
    assert "SSEDescription" not in restored(aws, SSESpecificationOverride={"Enabled": False})


def test_another_regions_table_is_restored_from_there_with_an_encryption_named(
    aws: Account,
) -> None:
    aws.protected_table()
    aws.put("orders", "1")
    aws.advance(SETTINGS.latest_lag_seconds)
    request: dict[str, Any] = {
        "SourceTableArn": aws.arn("orders", HOME),
        "TargetTableName": "abroad",
        "UseLatestRestorableTime": True,
    }
    target_region = aws.client("dynamodb", ELSEWHERE)
    with refused("ValidationException"):
        target_region.restore_table_to_point_in_time(**request)
    target_region.restore_table_to_point_in_time(
        **request, SSESpecificationOverride={"Enabled": False}
    )
    aws.advance(SETTINGS.restore_seconds)
    assert aws.items("abroad", ELSEWHERE) == [{"id": "1"}]
    assert aws.describe("abroad", ELSEWHERE)["TableArn"] == aws.arn("abroad", ELSEWHERE)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"SourceTableArn": "as well"}, id="two sources"),
        pytest.param({"UseLatestRestorableTime": False}, id="no time"),
        pytest.param({"RestoreDateTime": datetime(2030, 1, 1)}, id="two times"),  # noqa: DTZ001
        pytest.param({"OnDemandThroughputOverride": {}}, id="empty throughput"),
        pytest.param({"TargetTableName": "no spaces"}, id="not a table's name"),
        pytest.param(
            {"ProvisionedThroughputOverride": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
            id="throughput without provisioned billing",
        ),
        pytest.param({"BillingModeOverride": "PROVISIONED"}, id="provisioned without throughput"),
    ],
)
def test_a_request_of_the_wrong_shape_is_refused(aws: Account, request_: dict[str, Any]) -> None:
    aws.protected_table()
    right = {
        "SourceTableName": "orders",
        "TargetTableName": "restored",
        "UseLatestRestorableTime": True,
    }
    with refused("ValidationException"):
        aws.dynamodb.restore_table_to_point_in_time(**{**right, **request_})


def test_the_shape_is_checked_first_and_then_the_source_pitr_time_and_target(aws: Account) -> None:
    aws.active_table()
    aws.active_table("taken")
    everything_wrong: dict[str, Any] = {"TargetTableName": "taken"}
    long_ago = datetime(2020, 1, 1)  # noqa: DTZ001
    with refused("ValidationException"):
        restore(aws, long_ago, SourceTableName="nowhere", OnDemandThroughputOverride={})
    with refused("TableNotFoundException"):
        restore(aws, long_ago, SourceTableName="nowhere", **everything_wrong)
    with refused("PointInTimeRecoveryUnavailableException"):
        restore(aws, long_ago, **everything_wrong)
    aws.switch("orders", on=True)
    with refused("InvalidRestoreTimeException"):
        restore(aws, long_ago, **everything_wrong)
    with refused("TableAlreadyExistsException"):
        restore(aws, **everything_wrong)


def test_a_time_after_the_window_is_refused(aws: Account) -> None:
    aws.protected_table()
    with refused("InvalidRestoreTimeException"):
        restore(aws, aws.cloud.clock.now().replace(year=2099))


def test_a_time_before_a_gap_in_the_protection_is_refused(aws: Account) -> None:
    aws.protected_table()
    then = instant(aws)
    aws.switch("orders", on=False)
    aws.switch("orders", on=True)
    with refused("InvalidRestoreTimeException"):
        restore(aws, then)


def test_a_target_being_created_or_deleted_is_in_use(aws: Account) -> None:
    aws.protected_table()
    aws.active_table("dying")
    restore(aws)
    with refused("TableInUseException"):
        restore(aws)
    aws.dynamodb.delete_table(TableName="dying")
    with refused("TableInUseException"):
        restore(aws, TargetTableName="dying")


def test_only_so_many_restores_run_at_once(aws: Account) -> None:
    aws.protected_table()
    restore(aws, TargetTableName="first")
    restore(aws, TargetTableName="second")
    with refused("LimitExceededException"):
        restore(aws, TargetTableName="third")
    aws.advance(SETTINGS.restore_seconds)
    restore(aws, TargetTableName="third")


def test_restores_are_counted_across_the_regions_of_an_account(aws: Account) -> None:
    aws.protected_table()
    restore(aws, TargetTableName="first")
    abroad: dict[str, Any] = {
        "SourceTableArn": aws.arn("orders"),
        "UseLatestRestorableTime": True,
        "SSESpecificationOverride": {"Enabled": False},
    }
    elsewhere = aws.client("dynamodb", ELSEWHERE)
    elsewhere.restore_table_to_point_in_time(TargetTableName="second", **abroad)
    with refused("LimitExceededException"):
        elsewhere.restore_table_to_point_in_time(TargetTableName="third", **abroad)
    with refused("LimitExceededException"):
        restore(aws, TargetTableName="third")
    other = Account(aws.cloud, "888888888888")
    other.protected_table()
    restore(other)


def test_without_a_word_fifty_restores_may_run_at_once() -> None:
    assert Settings().max_concurrent_restores == 50


def test_a_deleted_source_is_not_found(aws: Account) -> None:
    aws.protected_table()
    aws.dynamodb.delete_table(TableName="orders")
    with refused("TableNotFoundException"):
        restore(aws)


def test_another_accounts_table_cannot_be_restored(aws: Account) -> None:
    arn = aws.arn("orders").replace(aws.account_id, "999999999999")
    with refused("ValidationException"):
        restore(aws, SourceTableArn=arn)


# -- vector indexes ---------------------------------------------------------------------------

BY_LIKENESS, BY_SOUND = (
    {
        "IndexName": name,
        "VectorAttribute": {"AttributeName": name},
        "Projection": {"ProjectionType": "KEYS_ONLY"},
        "Dimensions": 8,
        "DistanceFunction": "COSINE",
    }
    for name in ("by-likeness", "by-sound")
)


def vectors_of(description: dict[str, Any]) -> list[str]:
    return sorted(index["IndexName"] for index in description.get("VectorIndexes", []))


@pytest.mark.parametrize(
    ("override", "kept"),
    [
        ({}, ["by-likeness", "by-sound"]),
        ({"VectorIndexOverride": []}, []),
        ({"VectorIndexOverride": [BY_SOUND]}, ["by-sound"]),
    ],
)
def test_vector_indexes_are_kept_unless_an_override_says_otherwise(
    aws: Account, override: dict[str, Any], kept: list[str]
) -> None:
    aws.protected_table(VectorIndexes=[BY_LIKENESS, BY_SOUND])
    description = restored(aws, **override)
    assert vectors_of(description) == kept
    assert {index["IndexStatus"] for index in description.get("VectorIndexes", [])} <= {"ACTIVE"}


def test_a_vector_index_in_an_override_must_be_the_sources(aws: Account) -> None:
    aws.protected_table(VectorIndexes=[BY_LIKENESS])
    aws.advance(SETTINGS.latest_lag_seconds)
    for wrong in (BY_SOUND, {**BY_LIKENESS, "Dimensions": 9}):
        with refused("ValidationException"):
            restore(aws, VectorIndexOverride=[wrong])


def test_a_backup_keeps_vector_indexes(aws: Account) -> None:
    aws.protected_table(VectorIndexes=[BY_LIKENESS])
    aws.dynamodb.delete_table(TableName="orders")
    aws.advance(SETTINGS.deletion_backup_seconds + SETTINGS.deleting_seconds)
    [backup] = aws.dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    told = aws.dynamodb.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]
    assert vectors_of(told["SourceTableFeatureDetails"]) == ["by-likeness"]
    back = aws.dynamodb.restore_table_from_backup(
        TargetTableName="restored", BackupArn=backup["BackupArn"], VectorIndexOverride=[]
    )["TableDescription"]
    assert vectors_of(back) == []


def test_an_override_takes_no_warm_throughput(aws: Account) -> None:
    aws.protected_table(**WITH_INDEX)
    aws.advance(SETTINGS.latest_lag_seconds)
    warm = {**BY_CUSTOMER, "WarmThroughput": {"ReadUnitsPerSecond": 12000}}
    with refused("ValidationException"):
        restore(aws, GlobalSecondaryIndexOverride=[warm])

"""A table's statuses, and what a table that isn't ACTIVE answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localcloud.account import ELSEWHERE, SETTINGS, Account
from tests.localcloud.errors import refused

BY_CUSTOMER: dict[str, Any] = {
    "IndexName": "by-customer",
    "KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
WITH_INDEX: dict[str, Any] = {
    "AttributeDefinitions": [
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "customer", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [BY_CUSTOMER],
}


def test_a_new_table_is_creating_for_a_while(aws: Account) -> None:
    aws.create_table()
    assert aws.status("orders") == "CREATING"
    aws.advance(SETTINGS.creating_seconds)
    assert aws.status("orders") == "ACTIVE"


def test_its_indexes_are_active_later_than_the_table(aws: Account) -> None:
    aws.create_table(**WITH_INDEX)
    aws.advance(SETTINGS.creating_seconds)
    [index] = aws.describe("orders")["GlobalSecondaryIndexes"]
    assert (aws.status("orders"), index["IndexStatus"]) == ("ACTIVE", "CREATING")
    aws.advance(SETTINGS.index_seconds)
    [index] = aws.describe("orders")["GlobalSecondaryIndexes"]
    assert index["IndexStatus"] == "ACTIVE"


def test_a_table_that_is_creating_has_no_items_tags_or_ttl_yet(aws: Account) -> None:
    aws.create_table()
    dynamodb, arn = aws.dynamodb, aws.arn("orders")
    with refused("ResourceNotFoundException"):
        aws.put("orders", "1")
    with refused("ResourceNotFoundException"):
        dynamodb.batch_get_item(RequestItems={"orders": {"Keys": [{"id": {"S": "1"}}]}})
    with refused("ResourceNotFoundException"):
        dynamodb.execute_statement(Statement='SELECT * FROM "orders"')
    with refused("ResourceNotFoundException"):
        dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "team", "Value": "a"}])
    with refused("ResourceNotFoundException"):
        dynamodb.list_tags_of_resource(ResourceArn=arn)
    with refused("ResourceNotFoundException"):
        dynamodb.update_time_to_live(
            TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )


def test_a_table_that_is_creating_can_be_neither_changed_nor_deleted(aws: Account) -> None:
    aws.create_table()
    with refused("ResourceInUseException"):
        aws.dynamodb.update_table(TableName="orders", DeletionProtectionEnabled=True)
    with refused("ResourceInUseException"):
        aws.dynamodb.delete_table(TableName="orders")


def test_tables_change_one_thing_at_a_time(aws: Account) -> None:
    aws.active_table()
    dynamodb = aws.dynamodb
    changed = dynamodb.update_table(TableName="orders", DeletionProtectionEnabled=True)
    assert changed["TableDescription"]["TableStatus"] == "UPDATING"
    with refused("ResourceInUseException"):
        dynamodb.update_table(TableName="orders", TableClass="STANDARD_INFREQUENT_ACCESS")
    aws.put("orders", "1")
    aws.advance(SETTINGS.updating_seconds)
    dynamodb.update_table(TableName="orders", TableClass="STANDARD_INFREQUENT_ACCESS")


def test_an_index_added_later_is_creating_for_a_while(aws: Account) -> None:
    aws.active_table()
    aws.dynamodb.update_table(
        TableName="orders",
        AttributeDefinitions=WITH_INDEX["AttributeDefinitions"],
        GlobalSecondaryIndexUpdates=[{"Create": BY_CUSTOMER}],
    )
    aws.advance(SETTINGS.updating_seconds)
    [index] = aws.describe("orders")["GlobalSecondaryIndexes"]
    assert (aws.status("orders"), index["IndexStatus"]) == ("ACTIVE", "CREATING")
    aws.advance(SETTINGS.index_seconds)
    assert aws.describe("orders")["GlobalSecondaryIndexes"][0]["IndexStatus"] == "ACTIVE"


def test_time_to_live_refuses_what_is_so_and_a_second_change_too_soon(aws: Account) -> None:
    aws.active_table()

    def set_ttl(*, enabled: bool) -> None:
        aws.dynamodb.update_time_to_live(
            TableName="orders", TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "ttl"}
        )

    set_ttl(enabled=True)
    with refused("ValidationException"):
        set_ttl(enabled=True)
    with refused("ValidationException"):
        set_ttl(enabled=False)
    aws.advance(1800)
    set_ttl(enabled=False)


def test_a_deleted_table_is_deleting_for_a_while_and_then_gone(aws: Account) -> None:
    aws.active_table()
    deleted = aws.dynamodb.delete_table(TableName="orders")
    assert deleted["TableDescription"]["TableStatus"] == "DELETING"
    assert aws.status("orders") == "DELETING"
    assert aws.dynamodb.list_tables()["TableNames"] == ["orders"]
    with refused("ResourceInUseException"):
        aws.create_table()
    with refused("ResourceInUseException"):
        aws.dynamodb.delete_table(TableName="orders")
    with refused("ResourceNotFoundException"):
        aws.put("orders", "1")
    aws.advance(SETTINGS.deleting_seconds)
    with refused("ResourceNotFoundException"):
        aws.status("orders")
    assert aws.dynamodb.list_tables()["TableNames"] == []
    aws.create_table()


def test_lists_of_tables_come_in_pages(aws: Account) -> None:
    for name in ("aaa", "bbb", "ccc"):
        aws.create_table(name)
    first = aws.dynamodb.list_tables(Limit=2)
    assert first["TableNames"] == ["aaa", "bbb"]
    rest = aws.dynamodb.list_tables(
        Limit=2, ExclusiveStartTableName=first["LastEvaluatedTableName"]
    )
    assert rest["TableNames"] == ["ccc"]
    assert "LastEvaluatedTableName" not in rest


def test_a_table_of_the_same_name_is_another_table(aws: Account) -> None:
    aws.protected_table()
    first = aws.describe("orders")["TableId"]
    aws.dynamodb.delete_table(TableName="orders")
    aws.advance(SETTINGS.deleting_seconds)
    aws.active_table()
    assert aws.describe("orders")["TableId"] != first
    assert aws.pitr("orders") == {"PointInTimeRecoveryStatus": "DISABLED"}


@pytest.fixture
def replicated(aws: Account) -> Account:
    aws.protected_table()
    aws.put("orders", "1")
    aws.dynamodb.update_table(
        TableName="orders", ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}]
    )
    return aws


def test_a_new_replica_is_creating_for_a_while(replicated: Account) -> None:
    assert replicated.status("orders", ELSEWHERE) == "CREATING"
    [replica] = replicated.describe("orders")["Replicas"]
    assert (replica["RegionName"], replica["ReplicaStatus"]) == (ELSEWHERE, "CREATING")
    replicated.advance(SETTINGS.creating_seconds)
    assert replicated.status("orders", ELSEWHERE) == "ACTIVE"
    assert replicated.describe("orders")["Replicas"][0]["ReplicaStatus"] == "ACTIVE"
    assert replicated.items("orders", ELSEWHERE) == [{"id": "1"}]


def test_a_new_replica_has_pitr_off_whatever_the_first_has(replicated: Account) -> None:
    replicated.advance(SETTINGS.creating_seconds + SETTINGS.backups_enabling_seconds)
    assert replicated.pitr("orders", ELSEWHERE) == {"PointInTimeRecoveryStatus": "DISABLED"}
    assert replicated.pitr("orders")["PointInTimeRecoveryStatus"] == "ENABLED"


def test_a_replica_that_is_removed_is_deleting_for_a_while_and_then_gone(
    replicated: Account,
) -> None:
    replicated.advance(SETTINGS.creating_seconds + SETTINGS.backups_enabling_seconds)
    elsewhere = replicated.client("dynamodb", ELSEWHERE)
    elsewhere.update_continuous_backups(
        TableName="orders", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table_id = replicated.describe("orders", ELSEWHERE)["TableId"]
    replicated.dynamodb.update_table(
        TableName="orders", ReplicaUpdates=[{"Delete": {"RegionName": ELSEWHERE}}]
    )
    assert replicated.status("orders", ELSEWHERE) == "DELETING"
    replicated.advance(SETTINGS.deleting_seconds)
    with refused("ResourceNotFoundException"):
        replicated.describe("orders", ELSEWHERE)
    [backup] = elsewhere.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert backup["TableId"] == table_id
    assert replicated.dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"] == []
    assert replicated.items("orders") == [{"id": "1"}]


def test_an_imported_table_is_born_creating_and_with_pitr_off(aws: Account) -> None:
    aws.client("s3").create_bucket(
        Bucket="imports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    aws.client("s3").put_object(Bucket="imports", Key="a.json", Body=b'{"Item":{"id":{"S":"1"}}}\n')
    aws.dynamodb.import_table(
        S3BucketSource={"S3Bucket": "imports"},
        InputFormat="DYNAMODB_JSON",
        TableCreationParameters={
            "TableName": "imported",
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    assert aws.status("imported") == "CREATING"
    aws.advance(SETTINGS.creating_seconds + SETTINGS.backups_enabling_seconds)
    assert aws.pitr("imported") == {"PointInTimeRecoveryStatus": "DISABLED"}


def stack_template(**properties: Any) -> str:
    table = {
        "TableName": "of-a-stack",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        **properties,
    }
    resource = {"Type": "AWS::DynamoDB::Table", "Properties": table}
    return json.dumps({"Resources": {"Table": resource}})


def wait_for_stack(stacks: Any, state: str) -> None:
    stacks.get_waiter(f"stack_{state}_complete").wait(
        StackName="stack", WaiterConfig={"Delay": 0.05, "MaxAttempts": 200}
    )


def test_a_table_of_a_stack_is_adopted_as_active_and_leaves_a_backup_too(aws: Account) -> None:
    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=stack_template())
    wait_for_stack(stacks, "create")
    assert aws.status("of-a-stack") == "ACTIVE"
    assert aws.pitr("of-a-stack") == {"PointInTimeRecoveryStatus": "DISABLED"}
    aws.switch("of-a-stack", on=True)
    aws.put("of-a-stack", "1")
    stacks.delete_stack(StackName="stack")
    wait_for_stack(stacks, "delete")
    with refused("ResourceNotFoundException"):
        aws.status("of-a-stack")
    aws.advance(SETTINGS.deletion_backup_seconds)
    [backup] = aws.dynamodb.list_backups(BackupType="SYSTEM")["BackupSummaries"]
    assert backup["BackupName"] == "of-a-stack$DeletedTableBackup"


def test_a_table_of_a_stack_has_tags_that_nobody_else_may_set(aws: Account) -> None:
    def tags() -> Any:
        return aws.dynamodb.list_tags_of_resource(ResourceArn=aws.arn("of-a-stack"))["Tags"]

    stacks = aws.client("cloudformation")
    team = {"Key": "team", "Value": "a"}
    stacks.create_stack(StackName="stack", TemplateBody=stack_template(Tags=[team]))
    wait_for_stack(stacks, "create")
    of_aws = [
        {"Key": "aws:cloudformation:stack-name", "Value": "stack"},
        {"Key": "aws:cloudformation:logical-id", "Value": "Table"},
    ]
    assert tags() == [team, *of_aws]
    stacks.update_stack(
        StackName="stack", TemplateBody=stack_template(DeletionProtectionEnabled=False)
    )
    wait_for_stack(stacks, "update")
    assert tags()[-2:] == of_aws
    with refused("ValidationException"):
        aws.dynamodb.tag_resource(ResourceArn=aws.arn("of-a-stack"), Tags=of_aws)


def test_pitr_of_a_stacks_table_is_as_its_template_says(aws: Account) -> None:
    def template(*, on: bool, **period: int) -> str:
        pitr = {"PointInTimeRecoveryEnabled": on, **period}
        return stack_template(PointInTimeRecoverySpecification=pitr)

    stacks = aws.client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=template(on=True, RecoveryPeriodInDays=14))
    wait_for_stack(stacks, "create")
    assert aws.pitr("of-a-stack")["RecoveryPeriodInDays"] == 14
    stacks.update_stack(StackName="stack", TemplateBody=template(on=False))
    wait_for_stack(stacks, "update")
    assert aws.pitr("of-a-stack") == {"PointInTimeRecoveryStatus": "DISABLED"}


def test_a_table_may_be_told_to_be_a_giant(aws: Account) -> None:
    aws.create_table("giant")
    aws.cloud.weigh(aws.arn("giant"), 3 * 10**12)
    assert aws.dynamodb.describe_table(TableName="giant")["Table"]["TableSizeBytes"] == 3 * 10**12
    with pytest.raises(LookupError):
        aws.cloud.weigh(aws.arn("nobody"), 1)

"""What CloudTrail says of a call, and which calls it has."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from localcloud.cloudtrail.records import in_cloudtrail_casing
from tests.localcloud.account import ELSEWHERE, HOME, SETTINGS, Account
from tests.localcloud.errors import refused

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
ANYTHING = {"Action": "dynamodb:*", "Resource": "*"}


def test_a_call_becomes_an_event_on_the_default_bus_of_its_account_and_region(aws: Account) -> None:
    events, queues = aws.client("events", ELSEWHERE), aws.client("sqs", ELSEWHERE)
    url = queues.create_queue(QueueName="seen")["QueueUrl"]
    pattern = {"source": ["aws.dynamodb"], "detail-type": ["AWS API Call via CloudTrail"]}
    events.put_rule(Name="all", EventPattern=json.dumps(pattern))
    arn = f"arn:aws:sqs:{ELSEWHERE}:{aws.account_id}:seen"
    events.put_targets(Rule="all", Targets=[{"Id": "queue", "Arn": arn}])
    allowed = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    queues.set_queue_attributes(
        QueueUrl=url,
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [allowed]})},
    )
    aws.create_table()  # at home: no event in the other region
    aws.client("dynamodb", ELSEWHERE).create_table(
        TableName="abroad",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.record("CreateTable")
    [message] = queues.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)[
        "Messages"
    ]
    event = json.loads(message["Body"])
    assert (event["account"], event["region"]) == (aws.account_id, ELSEWHERE)
    assert (event["source"], event["detail-type"]) == (
        "aws.dynamodb",
        "AWS API Call via CloudTrail",
    )
    assert event["detail"]["requestParameters"]["tableName"] == "abroad"


def test_a_successful_call_has_a_whole_record(aws: Account) -> None:
    aws.protected_table()
    record = aws.record("UpdateContinuousBackups")
    assert record["eventSource"] == "dynamodb.amazonaws.com"
    assert record["requestParameters"] == {
        "tableName": "orders",
        "pointInTimeRecoverySpecification": {"pointInTimeRecoveryEnabled": True},
    }
    description = record["responseElements"]["continuousBackupsDescription"]
    pitr = description["pointInTimeRecoveryDescription"]
    assert pitr["pointInTimeRecoveryStatus"] == "ENABLED"
    assert ISO.fullmatch(pitr["earliestRestorableDateTime"])
    assert ISO.fullmatch(record["eventTime"])
    assert record["userAgent"].startswith("Boto3/")
    assert record["sourceIPAddress"] == "127.0.0.1"
    assert record["resources"] == [
        {"accountId": aws.account_id, "type": "AWS::DynamoDB::Table", "ARN": aws.arn("orders")}
    ]
    assert record["recipientAccountId"] == aws.account_id
    assert (record["eventType"], record["eventCategory"]) == ("AwsApiCall", "Management")
    assert record["managementEvent"] is True
    assert record["readOnly"] is False
    assert record["eventID"] != record["requestID"]
    assert not {"errorCode", "errorMessage"} & record.keys()


def test_only_the_first_letter_of_a_key_is_lowered(aws: Account) -> None:
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    encryption = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    aws.create_table(SSESpecification=encryption, Tags=[{"Key": "Team", "Value": "A"}])
    parameters = aws.record("CreateTable")["requestParameters"]
    assert parameters["sSESpecification"] == {
        "enabled": True,
        "sSEType": "KMS",
        "kMSMasterKeyId": key,
    }
    assert parameters["tags"] == [{"key": "Team", "value": "A"}]


@settings(max_examples=50)
@given(
    st.recursive(
        st.none() | st.booleans() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["Tags", "SSEType", "KMSMasterKeyId"]), inner)
        ),
    )
)
def test_casing_changes_keys_and_never_values(value: Any) -> None:
    cased = json.dumps(in_cloudtrail_casing(value))
    assert cased.lower() == json.dumps(value).lower()


def test_timestamps_are_iso_in_requests_too() -> None:
    assert in_cloudtrail_casing({"RestoreDateTime": 1_700_000_000.5, "Limit": 5}) == {
        "restoreDateTime": "2023-11-14T22:13:20Z",
        "limit": 5,
    }


def test_a_refused_call_has_its_error_and_no_response(aws: Account) -> None:
    with refused("TableNotFoundException"):
        aws.switch("nowhere", on=False)
    record = aws.record("UpdateContinuousBackups")
    assert record["errorCode"] == "TableNotFoundException"
    assert "nowhere" in record["errorMessage"]
    assert record["responseElements"] is None
    assert record["requestParameters"]["tableName"] == "nowhere"


def test_a_denied_call_is_recorded_without_its_parameters(aws: Account) -> None:
    aws.protected_table()
    nobody = aws.client("dynamodb", **aws.user())
    with refused("AccessDeniedException"):
        nobody.delete_table(TableName="orders")
    record = aws.record("DeleteTable")
    assert record["errorCode"] == "AccessDenied"
    assert "dynamodb:DeleteTable" in record["errorMessage"]
    assert record["requestParameters"] is None
    assert record["responseElements"] is None
    assert record["userIdentity"]["type"] == "IAMUser"
    assert aws.status("orders") == "ACTIVE"


def test_a_call_nobody_known_made_is_not_recorded(aws: Account) -> None:
    stranger = aws.client("dynamodb", access_key="AKIAUNKNOWN000000000")
    with refused("UnrecognizedClientException"):
        stranger.delete_table(TableName="orders")
    aws.create_table()
    aws.record("CreateTable")
    assert "DeleteTable" not in {record["eventName"] for record in aws.records()}


def test_item_calls_and_reads_are_not_recorded(aws: Account) -> None:
    aws.protected_table()
    aws.put("orders", "1")
    aws.items("orders")
    aws.describe("orders")
    aws.dynamodb.delete_table(TableName="orders")
    aws.record("DeleteTable")
    names = [record["eventName"] for record in aws.records()]
    assert names == ["CreateTable", "UpdateContinuousBackups", "DeleteTable"]


def test_a_restores_resources_are_its_source_and_its_target(aws: Account) -> None:
    aws.protected_table()
    aws.dynamodb.restore_table_to_point_in_time(
        SourceTableArn=aws.arn("orders"), TargetTableName="restored", UseLatestRestorableTime=True
    )
    record = aws.record("RestoreTableToPointInTime")
    assert [resource["ARN"] for resource in record["resources"]] == [
        aws.arn("orders"),
        aws.arn("restored"),
    ]
    summary = record["responseElements"]["tableDescription"]["restoreSummary"]
    assert ISO.fullmatch(summary["restoreDateTime"])


def test_the_birth_of_a_replica_is_an_update_table_at_home(aws: Account) -> None:
    aws.active_table()
    aws.dynamodb.update_table(
        TableName="orders", ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}]
    )
    parameters = aws.record("UpdateTable", HOME)["requestParameters"]
    assert parameters["replicaUpdates"] == [{"create": {"regionName": ELSEWHERE}}]


def test_the_name_of_a_table_may_be_an_arn_in_the_request(aws: Account) -> None:
    aws.active_table()
    aws.switch(aws.arn("orders"), on=True)
    record = aws.record("UpdateContinuousBackups")
    assert record["requestParameters"]["tableName"] == aws.arn("orders")
    assert record["resources"][0]["ARN"] == aws.arn("orders")


@pytest.mark.parametrize("operation", ["tag_resource", "untag_resource"])
def test_tagging_is_recorded_with_the_resource(aws: Account, operation: str) -> None:
    aws.active_table()
    tags: dict[str, Any] = {"Tags": [{"Key": "team", "Value": "a"}]}
    if operation == "untag_resource":
        tags = {"TagKeys": ["team"]}
    getattr(aws.dynamodb, operation)(ResourceArn=aws.arn("orders"), **tags)
    name = operation.title().replace("_", "")
    record = aws.record(name)
    assert record["requestParameters"]["resourceArn"] == aws.arn("orders")
    assert record["responseElements"] is None
    assert record["resources"][0]["ARN"] == aws.arn("orders")


def test_without_a_trail_there_are_no_events(aws: Account) -> None:
    aws.cloud.trail.logging = False
    aws.create_table("unseen")
    aws.cloud.trail.logging = True
    aws.create_table("seen")
    record = aws.record("CreateTable")
    assert record["requestParameters"]["tableName"] == "seen"


def test_the_account_root_is_named_as_such(aws: Account) -> None:
    aws.create_table()
    assert aws.record("CreateTable")["userIdentity"] == {
        "type": "Root",
        "principalId": aws.account_id,
        "arn": f"arn:aws:iam::{aws.account_id}:root",
        "accountId": aws.account_id,
        "accessKeyId": aws.account_id,
    }


def test_an_iam_user_is_named_as_such(aws: Account) -> None:
    credentials = aws.user(ANYTHING)
    aws.active_table()
    aws.client("dynamodb", **credentials).delete_table(TableName="orders")
    identity = aws.record("DeleteTable")["userIdentity"]
    assert identity["type"] == "IAMUser"
    assert identity["arn"] == f"arn:aws:iam::{aws.account_id}:user/{identity['userName']}"
    assert identity["accessKeyId"] == credentials["access_key"]


def test_an_assumed_role_is_named_by_its_session_and_its_issuer(aws: Account) -> None:
    role = aws.role(ANYTHING, name="deployer")
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="monday")["Credentials"]
    aws.active_table()
    aws.client(
        "dynamodb",
        access_key=session["AccessKeyId"],
        secret_key=session["SecretAccessKey"],
        session_token=session["SessionToken"],
        user_agent_extra="Terraform/1.9",
    ).delete_table(TableName="orders")
    record = aws.record("DeleteTable")
    identity = record["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["arn"] == f"arn:aws:sts::{aws.account_id}:assumed-role/deployer/monday"
    assert identity["principalId"].endswith(":monday")
    issuer = identity["sessionContext"]["sessionIssuer"]
    assert (issuer["type"], issuer["arn"], issuer["userName"]) == ("Role", role, "deployer")
    assert identity["principalId"].startswith(issuer["principalId"])
    assert ISO.fullmatch(identity["sessionContext"]["attributes"]["creationDate"])
    assert "Terraform/1.9" in record["userAgent"]


def test_events_come_late(aws: Account) -> None:
    fault = aws.cloud.faults.delay_events("CreateTable", seconds=SETTINGS.creating_seconds)
    aws.create_table()
    assert fault.hits == 1
    assert aws.records() == []
    aws.advance(SETTINGS.creating_seconds)
    aws.record("CreateTable")

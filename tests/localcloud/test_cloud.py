"""The embedded AWS as a whole: its doors, who may pass them, and what runs inside."""

from __future__ import annotations

import json
import os
import socket
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import HOME, SETTINGS, Account
from tests.localcloud.errors import refused
from tests.localcloud.functions import make_function


def test_a_second_one_in_the_same_process_is_an_error(cloud: LocalCloud) -> None:
    with pytest.raises(RuntimeError, match="one per process"):
        LocalCloud.start()
    assert cloud.client("sts").get_caller_identity()["Account"] == cloud.account_id


def test_it_listens_on_this_machine_only(cloud: LocalCloud) -> None:
    assert cloud.endpoint.startswith("http://127.0.0.1:")
    port = int(cloud.endpoint.rpartition(":")[2])
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", port))


def test_a_session_is_the_account_root_at_this_endpoint(cloud: LocalCloud) -> None:
    identity = cloud.session().client("sts").get_caller_identity()
    assert identity["Arn"] == f"arn:aws:iam::{cloud.account_id}:root"
    tables = cloud.session("us-east-1").resource("dynamodb").tables.all()
    assert list(tables) == []


def test_its_environment_leads_a_subprocess_here_and_nowhere_else(cloud: LocalCloud) -> None:
    variables = cloud.environment("eu-west-1")
    assert variables["AWS_ENDPOINT_URL"] == cloud.endpoint
    assert variables["AWS_ACCESS_KEY_ID"] == cloud.account_id
    assert variables["AWS_REGION"] == variables["AWS_DEFAULT_REGION"] == "eu-west-1"
    assert variables["AWS_CONFIG_FILE"] == variables["AWS_SHARED_CREDENTIALS_FILE"] == os.devnull


def test_accounts_and_regions_are_apart(aws: Account) -> None:
    aws.create_table()
    other = Account(aws.cloud, "999999999999")
    assert other.dynamodb.list_tables()["TableNames"] == []
    assert aws.client("dynamodb", "us-east-1").list_tables()["TableNames"] == []


def test_a_user_may_do_what_its_policy_says_on_the_table_it_names(aws: Account) -> None:
    for name in ("orders", "customers"):
        aws.active_table(name)
    credentials = aws.user(
        {
            "Action": ["dynamodb:UpdateContinuousBackups", "dynamodb:ListTagsOfResource"],
            "Resource": aws.arn("orders"),
        }
    )
    dynamodb = aws.client("dynamodb", **credentials)
    on = {"PointInTimeRecoveryEnabled": True}
    dynamodb.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification=on)
    dynamodb.list_tags_of_resource(ResourceArn=aws.arn("orders"))
    with refused("AccessDeniedException"):
        dynamodb.update_continuous_backups(
            TableName="customers", PointInTimeRecoverySpecification=on
        )
    with refused("AccessDeniedException"):
        dynamodb.list_tags_of_resource(ResourceArn=aws.arn("customers"))


def test_listing_backups_needs_a_right_on_everything(aws: Account) -> None:
    allowed = {"Action": "dynamodb:ListBackups", "Resource": aws.arn("orders")}
    with refused("AccessDeniedException"):
        aws.client("dynamodb", **aws.user(allowed)).list_backups(TableName="orders")
    anywhere = {"Action": "dynamodb:ListBackups", "Resource": "*"}
    aws.client("dynamodb", **aws.user(anywhere)).list_backups(TableName="orders")


def test_a_restore_needs_rights_on_the_source_and_on_the_items_of_the_target(aws: Account) -> None:
    aws.protected_table()
    restore = {"Action": "dynamodb:RestoreTableToPointInTime", "Resource": aws.arn("orders")}
    items = [
        f"dynamodb:{action}"
        for action in ("BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan")
    ]
    on_target = {"Action": [*items, "dynamodb:UpdateItem"], "Resource": aws.arn("restored")}

    def attempt(*statements: dict[str, Any]) -> None:
        aws.client("dynamodb", **aws.user(*statements)).restore_table_to_point_in_time(
            SourceTableName="orders", TargetTableName="restored", UseLatestRestorableTime=True
        )

    with refused("AccessDeniedException"):
        attempt(on_target)
    with refused("AccessDeniedException"):
        attempt(restore, {**on_target, "Action": items})
    attempt(restore, on_target)


HANDLER = """
import os
import boto3
from botocore.exceptions import ClientError

def handler(event, context):
    boto3.client("dynamodb").update_continuous_backups(
        TableName=event["table"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
    )
    try:
        boto3.client("dynamodb").delete_table(TableName=event["table"])
    except ClientError as error:
        denied = error.response["Error"]["Code"]
    return {"denied": denied, "environment": dict(os.environ)}
"""


def test_a_function_has_the_rights_of_its_role_and_nothing_of_the_developers(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "of-the-developer")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of-the-developer")
    monkeypatch.setenv("PYTHONPATH", "of-the-developer")
    aws.active_table()
    make_function(
        aws,
        HANDLER,
        {"Action": "dynamodb:UpdateContinuousBackups", "Resource": aws.arn("orders")},
        Environment={"Variables": {"SETTING": "value"}},
    )
    answer = aws.client("lambda").invoke(
        FunctionName="function", Payload=json.dumps({"table": "orders"}).encode()
    )
    result = json.loads(answer["Payload"].read())
    assert result["denied"] == "AccessDeniedException", result
    assert aws.pitr("orders")["PointInTimeRecoveryStatus"] == "ENABLED"
    environment = result["environment"]
    assert environment["AWS_ENDPOINT_URL"] == aws.cloud.endpoint
    assert environment["AWS_REGION"] == HOME
    assert environment["SETTING"] == "value"
    assert "of-the-developer" not in environment.values()
    identity = aws.record("UpdateContinuousBackups")["userIdentity"]
    assert identity["type"] == "AssumedRole"
    assert identity["sessionContext"]["sessionIssuer"]["userName"] == "function"


FAILING_HANDLER = """
class RefusedError(Exception):
    pass

def handler(event, context):
    try:
        raise KeyError("why")
    except KeyError as error:
        raise RefusedError("no:\\nnot you") from error
"""


def test_a_function_that_fails_says_with_which_exception(aws: Account) -> None:
    make_function(aws, FAILING_HANDLER, {"Action": "logs:PutLogEvents", "Resource": "*"})
    answer = aws.client("lambda").invoke(FunctionName="function", Payload=b"{}")
    assert answer["FunctionError"]
    error = json.loads(answer["Payload"].read())
    assert (error["errorType"], error["errorMessage"]) == ("RefusedError", "no:\nnot you")


def test_a_state_machine_keeps_account_and_region(aws: Account) -> None:
    region = "eu-north-1"
    states, events = aws.client("stepfunctions", region), aws.client("events", region)
    queues = aws.client("sqs", region)
    queue = queues.create_queue(QueueName="facts")["QueueUrl"]
    queue_arn = f"arn:aws:sqs:{region}:{aws.account_id}:facts"
    policy = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
    }
    queues.set_queue_attributes(
        QueueUrl=queue,
        Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})},
    )
    events.create_event_bus(Name="facts")
    events.put_rule(Name="all", EventBusName="facts", EventPattern='{"source": ["machine"]}')
    events.put_targets(
        Rule="all", EventBusName="facts", Targets=[{"Id": "queue", "Arn": queue_arn}]
    )
    aws.client("dynamodb", region).create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    aws.advance(SETTINGS.creating_seconds + SETTINGS.backups_enabling_seconds)
    publish = {
        "Entries": [
            {
                "EventBusName": "facts",
                "Source": "machine",
                "DetailType": "Fact",
                "Detail": {"said": "something"},
            }
        ]
    }
    definition = {
        "QueryLanguage": "JSONata",
        "StartAt": "Switch on",
        "States": {
            "Switch on": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:dynamodb:updateContinuousBackups",
                "Arguments": {
                    "TableName": "orders",
                    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                },
                "Next": "Publish",
            },
            "Publish": {
                "Type": "Task",
                "Resource": "arn:aws:states:::events:putEvents",
                "Arguments": publish,
                "End": True,
            },
        },
    }
    machine = states.create_state_machine(
        name="machine",
        definition=json.dumps(definition),
        roleArn=aws.role({"Action": "*", "Resource": "*"}, name="machine", trusts="states"),
    )["stateMachineArn"]
    states.start_execution(stateMachineArn=machine)
    [message] = queues.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    fact = json.loads(message["Body"])
    assert (fact["account"], fact["region"]) == (aws.account_id, region)
    assert fact["detail"] == {"said": "something"}
    assert aws.pitr("orders", region)["PointInTimeRecoveryStatus"] == "ENABLED"
    record = aws.record("UpdateContinuousBackups", region)
    assert record["userIdentity"] == {"type": "AWSService", "invokedBy": "states.amazonaws.com"}

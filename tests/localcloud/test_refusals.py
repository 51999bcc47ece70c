"""What IAM decides about: partition keys, the tasks of state machines; and what was refused."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from localcloud.ministack.refusals import Refusal
from tests.localcloud.account import HOME, Account
from tests.localcloud.errors import refused

OWN, FOREIGN = {"id": {"S": "mine/1"}}, {"id": {"S": "yours/1"}}
SET: dict[str, Any] = {
    "UpdateExpression": "SET seen = :yes",
    "ExpressionAttributeValues": {":yes": {"BOOL": True}},
}


def client_for_own_keys(aws: Account) -> Any:
    """The client of a user who may do everything with the items whose key begins with `mine/`."""
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["mine/*"]}}
    table = aws.active_table()
    statement = {"Action": "dynamodb:*", "Resource": aws.arn(table), "Condition": condition}
    return aws.client("dynamodb", **aws.user(statement))


Call = Callable[[Any, Mapping[str, Any]], Any]
CALLS: dict[str, Call] = {
    "get": lambda client, key: client.get_item(TableName="orders", Key=key),
    "put": lambda client, key: client.put_item(TableName="orders", Item=key),
    "update": lambda client, key: client.update_item(TableName="orders", Key=key, **SET),
    "delete": lambda client, key: client.delete_item(TableName="orders", Key=key),
    "batch get": lambda client, key: client.batch_get_item(
        RequestItems={"orders": {"Keys": [OWN, key] if key != OWN else [key]}}
    ),
    "batch write": lambda client, key: client.batch_write_item(
        RequestItems={"orders": [{"PutRequest": {"Item": key}}]}
    ),
    "transaction": lambda client, key: client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "orders", "Item": {"id": {"S": "mine/2"}}}},
            {"Update": {"TableName": "orders", "Key": key, **SET}},
        ]
    ),
    "query": lambda client, key: client.query(
        TableName="orders",
        KeyConditionExpression="#id = :id",
        ExpressionAttributeNames={"#id": "id"},
        ExpressionAttributeValues={":id": key["id"]},
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_policy_can_name_partition_keys(aws: Account, call: str) -> None:
    client = client_for_own_keys(aws)
    CALLS[call](client, OWN)
    with refused("AccessDeniedException"):
        CALLS[call](client, FOREIGN)


def test_what_was_refused_is_known(aws: Account) -> None:
    table = aws.active_table()
    role = aws.role({"Action": "dynamodb:DescribeTable", "Resource": "*"}, name="reader")
    session = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="now")
    client = aws.client(
        "dynamodb",
        access_key=session["Credentials"]["AccessKeyId"],
        secret_key=session["Credentials"]["SecretAccessKey"],
        session_token=session["Credentials"]["SessionToken"],
    )
    before = len(aws.cloud.refusals.so_far())
    client.describe_table(TableName=table)
    with refused("AccessDeniedException"):
        client.delete_table(TableName=table)
    assert aws.cloud.refusals.so_far()[before:] == (
        Refusal(session["AssumedRoleUser"]["Arn"], "dynamodb:DeleteTable", aws.arn(table)),
    )
    assert aws.cloud.refusals.so_far()[-1].role == "reader"


# -- state machines ---------------------------------------------------------------------------

INTEGRATIONS: dict[str, dict[str, Any]] = {
    "dynamodb:getItem": {"TableName": "orders", "Key": OWN},
    "dynamodb:updateItem": {"TableName": "orders", "Key": OWN, **SET},
    "events:putEvents": {
        "Entries": [{"Source": "tests", "DetailType": "Told", "Detail": {"of": "it"}}]
    },
}


def run(aws: Account, integration: str, *statements: dict[str, Any]) -> Any:
    """One execution of a state machine with one task, and a role that is allowed these."""
    aws.active_table()
    client = aws.client("stepfunctions")
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{integration}",
        "Arguments": INTEGRATIONS[integration],
        "End": True,
    }
    states = {"QueryLanguage": "JSONata", "StartAt": "Task", "States": {"Task": state}}
    machine = client.create_state_machine(
        name="machine",
        definition=json.dumps(states),
        roleArn=aws.role(*statements, name="machine", trusts="states"),
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    deadline = time.monotonic() + 15
    while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution doesn't end"
        time.sleep(0.02)
    return found


def action_of(integration: str) -> str:
    service, operation = integration.split(":")
    return f"{service}:{operation[0].upper()}{operation[1:]}"


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_a_task_does_what_its_role_may(aws: Account, integration: str) -> None:
    found = run(aws, integration, {"Action": action_of(integration), "Resource": "*"})
    assert found["status"] == "SUCCEEDED", found


@pytest.mark.parametrize("integration", INTEGRATIONS)
def test_a_task_does_not_do_what_its_role_may_not(aws: Account, integration: str) -> None:
    found = run(aws, integration, {"Action": "sns:Publish", "Resource": "*"})
    assert found["status"] == "FAILED"
    assert found["error"].endswith(".AccessDeniedException")
    last = aws.cloud.refusals.so_far()[-1]
    assert last.action == action_of(integration)
    assert last.principal_arn == f"arn:aws:sts::{aws.account_id}:assumed-role/machine/states"


@pytest.mark.parametrize(("keys", "status"), [(["mine/*"], "SUCCEEDED"), (["other"], "FAILED")])
def test_conditions_hold_for_tasks_too(aws: Account, keys: list[str], status: str) -> None:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}}
    allowed = {
        "Action": "dynamodb:GetItem",
        "Resource": f"arn:aws:dynamodb:{HOME}:{aws.account_id}:table/orders",
        "Condition": condition,
    }
    assert run(aws, "dynamodb:getItem", allowed)["status"] == status

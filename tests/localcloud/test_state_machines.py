"""State machines: whose they are and where, and how long they wait."""

from __future__ import annotations

import importlib
import json
import time
from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.errors import refused
from tests.localcloud.functions import make_function

REGION = "eu-north-1"
A_DAY = 86400
WHERE_AM_I = """
import os
import boto3

def handler(event, context):
    return {
        "asked": event,
        "account": boto3.client("sts").get_caller_identity()["Account"],
        "region": os.environ["AWS_REGION"],
        "tables": boto3.client("dynamodb").list_tables()["TableNames"],
        "arn": context.invoked_function_arn,
    }
"""


def run(aws: Account, states: dict[str, Any], start: str) -> Any:
    """The output of a new state machine's only execution."""
    return run_to_the_end(aws, states, start, REGION)


def run_to_the_end(
    aws: Account, states: dict[str, Any], start: str, region: str, name: str = "machine"
) -> Any:
    """The output of a new state machine's only execution, in a region."""
    client = aws.client("stepfunctions", region)
    machine = client.create_state_machine(
        name=name,
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": start, "States": states}),
        roleArn=aws.role({"Action": "*", "Resource": "*"}, name=name, trusts="states"),
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    deadline = time.monotonic() + 60
    while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution doesn't end"
        time.sleep(0.02)
    assert found["status"] == "SUCCEEDED", found
    return json.loads(found["output"])


def test_waits_and_retry_intervals_take_as_long_as_the_setting_says(aws: Account) -> None:
    retry = {
        "ErrorEquals": ["States.ALL"],
        "IntervalSeconds": A_DAY,
        "MaxAttempts": 3,
        "BackoffRate": 2,
    }
    fault = aws.cloud.faults.fail("ListTables", region=REGION, times=2)
    output = run(
        aws,
        {
            "Wait": {"Type": "Wait", "Seconds": A_DAY, "Next": "Wait until then"},
            "Wait until then": {
                "Type": "Wait",
                "Timestamp": "{% $fromMillis($millis() + 86400000) %}",
                "Next": "Look",
            },
            "Look": {
                "Type": "Task",
                "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables",
                "Arguments": {},
                "Retry": [retry],
                "End": True,
            },
        },
        "Wait",
    )
    assert fault.hits == 2
    assert output["TableNames"] == []


def test_an_invoked_function_is_of_the_state_machines_account_and_region(aws: Account) -> None:
    arn = make_function(
        aws, WHERE_AM_I, {"Action": "dynamodb:ListTables", "Resource": "*"}, region=REGION
    )
    aws.client("dynamodb", REGION).create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    output = run(
        aws,
        {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Arguments": {"FunctionName": arn, "Payload": {"where": "am I?"}},
                "Output": "{% $states.result.Payload %}",
                "End": True,
            }
        },
        "Ask",
    )
    assert output == {
        "asked": {"where": "am I?"},
        "account": aws.account_id,
        "region": REGION,
        "tables": ["orders"],
        "arn": arn,
    }


def waiting_machine(aws: Account) -> str:
    """ARN of a machine whose executions run for a day."""
    definition = {
        "StartAt": "Wait",
        "States": {"Wait": {"Type": "Wait", "Seconds": A_DAY, "End": True}},
    }
    client = aws.client("stepfunctions", REGION)
    arn: str = client.create_state_machine(
        name="waiting",
        definition=json.dumps(definition),
        roleArn=aws.role({"Action": "*", "Resource": "*"}, name="waiting", trusts="states"),
    )["stateMachineArn"]
    return arn


def test_a_running_execution_is_started_twice_by_the_same_name_and_input(
    aws: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, machine = aws.client("stepfunctions", REGION), waiting_machine(aws)
    machines: Any = importlib.import_module("ministack.services.stepfunctions")
    monkeypatch.setattr(machines, "_run_execution", lambda _: None)
    named = {"stateMachineArn": machine, "name": "plan-1"}
    first = client.start_execution(**named, input='{"a": 1, "b": 2}')
    again = client.start_execution(**named, input='{"b":2,"a":1}')
    assert again["executionArn"] == first["executionArn"]
    with refused("ExecutionAlreadyExists"):
        client.start_execution(**named, input='{"a": 2}')
    client.stop_execution(executionArn=first["executionArn"])
    with refused("ExecutionAlreadyExists"):
        client.start_execution(**named, input='{"a": 1, "b": 2}')


def test_an_input_has_at_most_256_kib(aws: Account) -> None:
    client, machine = aws.client("stepfunctions", REGION), waiting_machine(aws)
    with refused("InvalidExecutionInput"):
        client.start_execution(stateMachineArn=machine, input=json.dumps("x" * (256 * 1024 - 1)))


@pytest.mark.parametrize(
    "state",
    [
        {"Type": "Pass", "Output": "{% $pad('x', 262143) %}"},
        {"Type": "Pass", "Assign": {"large": "{% $pad('x', 262143) %}"}},
        {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:dynamodb:describeTable",
            "Arguments": {"TableName": "{% $pad('x', 262144) %}"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
        },
    ],
)
def test_an_execution_ends_of_data_over_256_kib_whatever_it_catches(
    aws: Account, state: dict[str, Any]
) -> None:
    client = aws.client("stepfunctions", REGION)
    states = {"Start": {**state, "Next": "Caught"}, "Caught": {"Type": "Succeed"}}
    machine = client.create_state_machine(
        name="large",
        definition=json.dumps({"QueryLanguage": "JSONata", "StartAt": "Start", "States": states}),
        roleArn=aws.role({"Action": "*", "Resource": "*"}, name="large", trusts="states"),
    )["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    deadline = time.monotonic() + 60
    while (found := client.describe_execution(executionArn=execution))["status"] == "RUNNING":
        assert time.monotonic() < deadline, "the execution doesn't end"
        time.sleep(0.02)
    assert (found["status"], found["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_a_history_tells_how_many_items_a_map_has_and_has_done(aws: Account) -> None:
    """As whoever follows an execution counts them: by the events since the map has begun."""
    states = {
        "Each": {
            "Type": "Map",
            "Items": "{% [1, 2] %}",
            "MaxConcurrency": 1,
            "ItemProcessor": {
                "StartAt": "Keep it",
                "States": {"Keep it": {"Type": "Pass", "End": True}},
            },
            "End": True,
        }
    }
    assert run_to_the_end(aws, states, "Each", REGION, "mapping") == [1, 2]
    client = aws.client("stepfunctions", REGION)
    [machine] = [
        each["stateMachineArn"]
        for each in client.list_state_machines()["stateMachines"]
        if each["name"] == "mapping"
    ]
    [execution] = client.list_executions(stateMachineArn=machine)["executions"]
    history = client.get_execution_history(
        executionArn=execution["executionArn"], reverseOrder=True, includeExecutionData=False
    )["events"][::-1]
    told = [event for event in history if event["type"].startswith("Map")]
    assert [event["type"] for event in told] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapIterationStarted",
        "MapIterationSucceeded",
        "MapIterationStarted",
        "MapIterationSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
    ]
    assert told[1]["mapStateStartedEventDetails"] == {"length": 2}
    assert [
        event["mapIterationStartedEventDetails"]
        for event in told
        if event["type"] == "MapIterationStarted"
    ] == [{"name": "Each", "index": 0}, {"name": "Each", "index": 1}]

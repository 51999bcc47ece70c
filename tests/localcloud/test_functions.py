"""Functions that die, and what becomes of what they were doing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.functions import make_function
from tests.localcloud.test_state_machines import run_to_the_end

REGION = "eu-central-1"
# Three calls; the messages tell how far it came.
THREE_CALLS = """
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    url = sqs.get_queue_url(QueueName="notes")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="first")
    sqs.send_message(QueueUrl=url, MessageBody="second")
    return "done"
"""
EVERYTHING = {"Action": "*", "Resource": "*"}


@pytest.fixture
def function(aws: Account) -> str:
    """ARN of a function that notes down how far it came."""
    aws.client("sqs").create_queue(QueueName="notes")
    return make_function(aws, THREE_CALLS, EVERYTHING)


def notes(aws: Account) -> list[str]:
    """What was noted down since the last time."""
    sqs = aws.client("sqs")
    url = sqs.get_queue_url(QueueName="notes")["QueueUrl"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    for message in found:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(message["Body"] for message in found)


def invoke(aws: Account, function: str) -> Any:
    return aws.client("lambda").invoke(FunctionName=function, Payload=b"{}")


def in_flight(aws: Account, url: str) -> int:
    """How many messages were received, and aren't visible again yet."""
    name = "ApproximateNumberOfMessagesNotVisible"
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("spared", "carried_out", "noted"),
    [(1, False, []), (1, True, ["first"]), (2, False, ["first"])],
)
def test_a_function_may_be_killed_between_any_two_calls(
    aws: Account, function: str, spared: int, carried_out: bool, noted: list[str]
) -> None:
    fault = aws.cloud.faults.kill("role/of/function", spares=spared, carried_out=carried_out)
    answer = invoke(aws, function)
    assert fault.hits == 1
    assert answer["FunctionError"] == "Unhandled"
    error = json.loads(answer["Payload"].read())
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("Error: Runtime exited with error: signal: killed")
    assert notes(aws) == noted
    assert json.loads(invoke(aws, function)["Payload"].read()) == "done"
    assert notes(aws) == ["first", "second"]


def test_a_function_may_be_killed_at_one_kind_of_call(aws: Account, function: str) -> None:
    fault = aws.cloud.faults.kill("role/of/function", "SendMessage", service="sqs")
    invoke(aws, function)
    assert notes(aws) == []
    assert fault.struck[0].call.parameters["MessageBody"] == "first"


TWO_OBJECTS = """
import boto3

s3 = boto3.client("s3")

def handler(event, context):
    for key in ("first", "second"):
        s3.put_object(Bucket=event["bucket"], Key=key, Body=b"x")
"""


def test_a_function_may_be_killed_between_two_objects(aws: Account) -> None:
    s3, bucket = aws.client("s3"), f"objects-{aws.account_id}"
    place = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    function = make_function(aws, TWO_OBJECTS, EVERYTHING)
    with aws.cloud.faults.kill("role/of/function", "PutObject", service="s3", spares=1) as fault:
        aws.client("lambda").invoke(
            FunctionName=function, Payload=json.dumps({"bucket": bucket}).encode()
        )
    assert fault.hits == 1
    listed = s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [found["Key"] for found in listed] == ["first"]


def test_a_batch_whose_function_was_killed_comes_again_when_it_is_visible(
    aws: Account, function: str
) -> None:
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "360"})["QueueUrl"]
    arn = f"arn:aws:sqs:{REGION}:{aws.account_id}:work"
    aws.client("lambda").create_event_source_mapping(FunctionName=function, EventSourceArn=arn)
    fault = aws.cloud.faults.kill("role/of/function", spares=1)
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    until(lambda: fault.hits == 1, "the function is killed")
    until(lambda: not aws.cloud.is_working, "it ends")
    assert in_flight(aws, url) == 1
    assert notes(aws) == []
    until(lambda: aws.cloud.queues.run_out(url) == 1, "the time-out runs out")
    until(lambda: "second" in notes(aws), "it is handled")
    until(lambda: not aws.cloud.is_working, "the function ends")
    assert sqs.receive_message(QueueUrl=url).get("Messages", []) == []


@pytest.mark.parametrize("deaths", [2, None], ids=["in the end", "for good"])
def test_a_rules_function_that_fails_is_invoked_twice_more(
    aws: Account, function: str, deaths: int | None
) -> None:
    sqs = aws.client("sqs")
    failures = sqs.create_queue(QueueName="failures")["QueueUrl"]
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName=function,
        DestinationConfig={
            "OnFailure": {"Destination": f"arn:aws:sqs:{REGION}:{aws.account_id}:failures"}
        },
    )
    events = aws.client("events")
    events.put_rule(Name="all", EventPattern='{"source": ["test"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "function", "Arn": function}])
    killed = aws.cloud.faults.kill("role/of/function", "SendMessage", service="sqs", times=deaths)
    events.put_events(Entries=[{"Source": "test", "DetailType": "t", "Detail": '{"a": 1}'}])
    until(lambda: killed.hits == (deaths or 3), "the function is killed")
    until(lambda: not aws.cloud.is_working, "it is over")
    assert killed.hits == (deaths or 3)
    assert notes(aws) == ([] if deaths is None else ["first", "second"])
    left = sqs.receive_message(QueueUrl=failures).get("Messages", [])
    assert [json.loads(message["Body"])["requestPayload"]["detail"] for message in left] == (
        [{"a": 1}] if deaths is None else []
    )


def test_a_workflow_is_told_how_its_function_ended(aws: Account, function: str) -> None:
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function, "Payload": {}},
        "End": True,
    }
    retry = {"ErrorEquals": ["Runtime.ExitError"], "MaxAttempts": 1, "IntervalSeconds": 1}
    killed = aws.cloud.faults.kill("role/of/function")
    states = {"Ask": {**task, "Retry": [retry], "Output": "{% $states.result.Payload %}"}}
    assert run_to_the_end(aws, states, "Ask", REGION) == "done"
    assert killed.hits == 1
    aws.cloud.faults.kill("role/of/function", times=None)
    states["Ask"]["Catch"] = [
        {
            "ErrorEquals": ["States.ALL"],
            "Output": "{% $states.errorOutput.Error %}",
            "Next": "Over",
        }
    ]
    states["Over"] = {"Type": "Succeed"}
    assert run_to_the_end(aws, states, "Ask", REGION, name="twice") == "Runtime.ExitError"

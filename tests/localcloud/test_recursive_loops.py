"""A function that puts messages on the queue that invokes it: Lambda lets it do so 16 times."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.localcloud.account import HOME, Account
from tests.localcloud.functions import make_function
from tests.localcloud.test_functions import EVERYTHING, until

# Sends the number of its invocation on, up to 20; one entry of a batch, as the product sends them.
COUNTS_UP = """
import boto3

sqs = boto3.client("sqs")

def handler(event, context):
    for record in event["Records"]:
        count = int(record["body"]) + 1
        url = sqs.get_queue_url(QueueName="notes")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=str(count))
        if count < 20:
            url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
            entry = {"Id": "0", "MessageBody": str(count)}
            sqs.send_message_batch(QueueUrl=url, Entries=[entry])
"""


@pytest.fixture
def queues(aws: Account) -> dict[str, str]:
    """URLs of the queues, and a function that goes round."""
    sqs = aws.client("sqs")
    urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("notes", "dead")}
    redrive = {
        "deadLetterTargetArn": f"arn:aws:sqs:{HOME}:{aws.account_id}:dead",
        "maxReceiveCount": 5,
    }
    attributes = {"VisibilityTimeout": "60", "RedrivePolicy": json.dumps(redrive)}
    urls["work"] = sqs.create_queue(QueueName="work", Attributes=attributes)["QueueUrl"]
    make_function(aws, COUNTS_UP, EVERYTHING)
    aws.client("lambda").create_event_source_mapping(
        FunctionName="function", EventSourceArn=f"arn:aws:sqs:{HOME}:{aws.account_id}:work"
    )
    return urls


def size(aws: Account, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def test_a_loop_over_a_queue_is_stopped_after_16_invocations(
    aws: Account, queues: dict[str, str]
) -> None:
    sqs: Any = aws.client("sqs")
    sqs.send_message(QueueUrl=queues["work"], MessageBody="0")
    until(lambda: size(aws, queues["dead"]) == 1, "the loop is stopped")
    [left] = sqs.receive_message(QueueUrl=queues["dead"])["Messages"]
    assert left["Body"] == "16"
    assert size(aws, queues["notes"]) == 16


def test_a_loop_that_is_allowed_goes_on(aws: Account, queues: dict[str, str]) -> None:
    aws.client("lambda").put_function_recursion_config(
        FunctionName="function", RecursiveLoop="Allow"
    )
    aws.client("sqs").send_message(QueueUrl=queues["work"], MessageBody="0")
    until(lambda: size(aws, queues["notes"]) == 20, "it goes on")
    assert size(aws, queues["dead"]) == 0


def test_messages_that_no_function_sent_are_no_loop(aws: Account, queues: dict[str, str]) -> None:
    for _ in range(17):
        aws.client("sqs").send_message(QueueUrl=queues["work"], MessageBody="19")
    until(lambda: size(aws, queues["notes"]) == 17, "each is handled")
    assert size(aws, queues["dead"]) == 0


@pytest.mark.parametrize("allowed", [True, False])
def test_a_stack_says_whether_its_function_may_loop(aws: Account, allowed: bool) -> None:
    properties = {
        "FunctionName": "looping",
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": aws.role(EVERYTHING, name="looping"),
        "Code": {"ZipFile": "def handler(event, context): ..."},
        **({"RecursiveLoop": "Allow"} if allowed else {}),
    }
    function = {"Type": "AWS::Lambda::Function", "Properties": properties}
    cloudformation: Any = aws.client("cloudformation")
    template = json.dumps({"Resources": {"Function": function}})
    cloudformation.create_stack(StackName="stack", TemplateBody=template)
    waiter = cloudformation.get_waiter("stack_create_complete")
    waiter.wait(StackName="stack", WaiterConfig={"Delay": 1})
    found = aws.client("lambda").get_function_recursion_config(FunctionName="looping")
    assert found["RecursiveLoop"] == ("Allow" if allowed else "Terminate")

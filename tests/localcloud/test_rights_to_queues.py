"""Who may send a message may send ten: IAM has no actions for SQS's batches."""

from __future__ import annotations

import json
from typing import Any

from tests.localcloud.account import HOME, Account
from tests.localcloud.errors import refused

TWO = [{"Id": str(number), "MessageBody": "look"} for number in range(2)]


def queue_for(aws: Account, *actions: str) -> tuple[Any, str]:
    """A new queue's URL, and the client of a user with these rights to it."""
    url = aws.client("sqs").create_queue(QueueName="queue")["QueueUrl"]
    arn = f"arn:aws:sqs:{HOME}:{aws.account_id}:queue"
    return aws.client("sqs", **aws.user({"Action": list(actions), "Resource": arn})), url


def test_who_may_send_a_message_may_send_several(aws: Account) -> None:
    sqs, url = queue_for(aws, "sqs:SendMessage")
    assert len(sqs.send_message_batch(QueueUrl=url, Entries=TWO)["Successful"]) == len(TWO)


def test_who_may_only_receive_may_not(aws: Account) -> None:
    sqs, url = queue_for(aws, "sqs:ReceiveMessage", "sqs:DeleteMessage")
    with refused("AccessDenied"):
        sqs.send_message_batch(QueueUrl=url, Entries=TWO)


def test_a_queues_policy_refuses_whoever_it_does_not_spare(aws: Account) -> None:
    sqs, url = queue_for(aws, "sqs:SendMessage")
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": f"arn:aws:sqs:{HOME}:{aws.account_id}:queue",
        "Condition": {
            "Bool": {"aws:PrincipalIsAWSService": "false"},
            "ArnNotEquals": {"aws:PrincipalArn": f"arn:aws:iam::{aws.account_id}:role/rules"},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": denied})
    aws.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    with refused("AccessDenied"):
        sqs.send_message(QueueUrl=url, MessageBody="look")

"""What ``drift.ports.Looks`` promises, kept by the fake and by the queue that ships."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import boto3
import pytest
from botocore.stub import Stubber

from pitr_guardian.aws.drift.queue import EnforcementQueue
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.look import (
    Look,
    looks_from,
)
from pitr_guardian.drift.ports import Looks
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION, message, switched_off
from tests.fakes.looks import FakeLooks

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Subject:
    """A queue, what can be received from it now, and how much is still to come."""

    looks: Looks
    receive: Callable[[], list[str]]
    still_waiting: Callable[[], int]


@pytest.fixture(params=["fake", "sqs"])
def queue(request: pytest.FixtureRequest) -> Subject:
    if request.param == "fake":
        fake = FakeLooks(FakeClock())
        return Subject(fake, fake.receive, lambda: len(fake.waiting))
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="enforcement")["QueueUrl"]

    def receive() -> list[str]:
        return [
            message["Body"] for message in sqs.receive_message(QueueUrl=url).get("Messages", [])
        ]

    def still_waiting() -> int:
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return int(answer["Attributes"]["ApproximateNumberOfMessagesDelayed"])

    return Subject(EnforcementQueue(lambda: sqs, url), receive, still_waiting)


def test_a_look_comes_back_as_it_was_put_back(queue: Subject) -> None:
    [look] = looks_from(message(switched_off("orders", eventID="e-1")), NOW, ACCOUNT, "aws")
    queue.looks.put_back(look)
    [body] = queue.receive()
    assert looks_from(body, NOW, ACCOUNT, "aws") == [look]


def test_a_look_that_was_in_vain_comes_back_only_after_its_delay(queue: Subject) -> None:
    queue.looks.put_back(Look(table=ORDERS.arn, since=NOW, attempt=9))
    assert queue.receive() == []
    assert queue.still_waiting() == 1


def test_looks_that_are_put_back_together_come_back_each_after_its_delay(queue: Subject) -> None:
    looks = [Look(table=ORDERS.arn, since=NOW, claimant=f"m-{number}") for number in range(11)]
    queue.looks.put_all([*looks, Look(table=ORDERS.arn, since=NOW, attempt=9)])
    back: list[str] = []
    while received := queue.receive():
        back += received
    assert sorted(
        looks_from(body, NOW, ACCOUNT, "aws")[0].claimant or "" for body in back
    ) == sorted(look.claimant or "" for look in looks)
    assert queue.still_waiting() == 1


def test_a_message_that_sqs_refuses_inside_a_successful_batch_is_noticed() -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    look = Look(table=ORDERS.arn, since=NOW)
    taken = {"Id": "0", "MessageId": "m-0", "MD5OfMessageBody": ""}
    refused = {"Id": "1", "SenderFault": False, "Code": "InternalError", "Message": "not now"}
    with Stubber(sqs) as stubber:
        stubber.add_response("send_message_batch", {"Successful": [taken], "Failed": [refused]})
        with pytest.raises(TryLaterError, match="SQS took not all looks: not now"):
            EnforcementQueue(lambda: sqs, "https://queue").put_all([look, look])

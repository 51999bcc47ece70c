"""The front's queue and its tables' switches, on which the storm is counted."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.front.http import Request
from benchmarks.front.queue import Queue
from benchmarks.front.switches import NOW, Switches


def event(table: str, *, is_just_made: bool = False) -> str:
    detail = {"requestParameters": {"tableName": table}, "eventTime": NOW}
    return json.dumps({"detail": detail, "isJustMade": is_just_made})


class Sqs:
    def __init__(self) -> None:
        self.switches = Switches()
        self.queue = Queue(self.switches)

    def call(self, operation: str, now: float = 0.0, **parameters: Any) -> Any:
        body = json.dumps(parameters).encode()
        request = Request("POST", "/", {"x-amz-target": f"AmazonSQS.{operation}"}, body)
        return json.loads(self.queue.answer(request, now)[2])

    def receive(self, now: float = 0.0) -> list[dict[str, Any]]:
        messages: list[dict[str, Any]] = self.call("ReceiveMessage", now, MaxNumberOfMessages=10)[
            "Messages"
        ]
        return messages

    def delete(self, message: dict[str, Any]) -> None:
        entry = {"Id": "0", "ReceiptHandle": message["ReceiptHandle"]}
        self.call("DeleteMessageBatch", Entries=[entry])


def test_a_message_is_away_until_it_is_handled_or_its_time_is_over() -> None:
    sqs = Sqs()
    sqs.queue.put(event("a"), 0.0)
    [message] = sqs.receive()
    assert sqs.receive(359.0) == []
    assert sqs.queue.backlog == 1
    [again] = sqs.receive(361.0)
    assert again["MessageId"] == message["MessageId"]
    assert again["Attributes"] == {"ApproximateReceiveCount": "2"}
    sqs.delete(again)
    assert sqs.queue.backlog == 0
    assert sqs.receive(9999.0) == []


def test_a_message_that_is_put_back_comes_after_its_delay() -> None:
    sqs = Sqs()
    look = json.dumps({"look": {"table": "arn:aws:dynamodb:us-east-1:1:table/a"}})
    sqs.call("SendMessage", 10.0, MessageBody=look, DelaySeconds=2)
    assert sqs.receive(11.0) == []
    assert [each["Body"] for each in sqs.receive(12.0)] == [look]


def test_what_is_put_back_is_no_event() -> None:
    sqs = Sqs()
    sqs.queue.bring(event("a"))
    look = json.dumps({"look": {"table": "arn:aws:dynamodb:us-east-1:1:table/a"}})
    sqs.call("SendMessage", MessageBody=look)
    assert (sqs.queue.events, sqs.queue.backlog) == (1, 2)
    for message in sqs.receive():
        sqs.delete(message)
    assert (sqs.queue.events, sqs.queue.backlog) == (0, 0)


def test_what_nobody_handles_in_five_receives_is_dead() -> None:
    sqs = Sqs()
    sqs.queue.put(event("a"), 0.0)
    received = [len(sqs.receive(400.0 * time)) for time in range(6)]
    assert received == [1, 1, 1, 1, 1, 0]
    assert (sqs.queue.dead, sqs.queue.backlog) == (1, 0)


def test_the_call_of_an_event_is_made_when_it_is_delivered() -> None:
    sqs = Sqs()
    sqs.queue.put(event("a", is_just_made=True), 0.0)
    sqs.queue.put(event("b"), 0.0)
    assert not sqs.switches.off
    assert all(NOW not in message["Body"] for message in sqs.receive())
    assert sqs.switches.off == {"a"}
    sqs.switches.switch("a", on=True)
    sqs.switches.switch("a", on=True)
    assert sqs.switches.came_on == {"a": 1}


def test_nobody_switches_off_a_table_that_somebody_looks_at() -> None:
    sqs = Sqs()
    sqs.queue.put(event("a"), 0.0)
    sqs.queue.put(event("a", is_just_made=True), 0.0)
    first, second = sqs.receive()
    assert not sqs.switches.off
    sqs.delete(first)
    sqs.delete(second)
    sqs.queue.put(event("a", is_just_made=True), 0.0)
    sqs.receive()
    assert sqs.switches.off == {"a"}

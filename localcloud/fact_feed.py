"""The facts of a deployed stack as they come, by a queue behind a rule on its fact bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from localcloud.server import LocalCloud

_NAME = "make-up-facts"
_WAIT_SECONDS = 1


class FactFeed:
    """A subscriber like any other: a rule that takes every event, and a queue."""

    def __init__(self, cloud: LocalCloud, bus: str, region: str | None = None) -> None:
        events = cloud.client("events", region=region)
        self._sqs = cloud.client("sqs", region=region)
        self._url = self._sqs.create_queue(QueueName=_NAME)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        pattern = json.dumps({"source": [{"prefix": ""}]})
        rule = events.put_rule(Name=_NAME, EventBusName=bus, EventPattern=pattern)["RuleArn"]
        self._sqs.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": json.dumps(_policy(arn, rule))}
        )
        events.put_targets(Rule=_NAME, EventBusName=bus, Targets=[{"Id": "make-up", "Arn": arn}])

    def read(self) -> Iterator[dict[str, Any]]:
        """The events that have come since, waiting a second for the first."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=_WAIT_SECONDS
        )
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            yield json.loads(message["Body"])


def line(event: dict[str, Any]) -> str:
    """One line for a person: when, how bad, what, on which table, and the fact's own sentence."""
    detail = event.get("detail", {})
    time = event.get("time", "")[11:19]
    table = detail.get("table", {}).get("name") or detail.get("targetTable") or ""
    said = detail.get("reason", "")
    words = [
        f"{time}Z  {detail.get('severity', ''):8}  {event.get('detail-type', '')}",
        table,
        said,
    ]
    if report := detail.get("reportUri"):
        words.append(f"Report: {report}")
    # What others wrote stays on its line.
    return "  ".join(word for word in words if word).replace("\n", " ")


def _policy(queue: str, rule: str) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        },
    }

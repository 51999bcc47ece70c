"""Facts as they come, by a queue behind a rule on the fact bus. Both go when it is left."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from pitr_guardian_cli.facts import Fact
from pitr_guardian_cli.times import parsed, wire

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_sqs import SQSClient

    from pitr_guardian_cli.aws.stack import Stack

LONGEST = timedelta(hours=12)
"""How long one watches at most: a rule says until when, for whoever finds it left behind."""

_UNTIL = "Facts for somebody who watches until "


class Feed:
    """A subscription of its own to a guardian's facts.

    Use it in a ``with`` block. Whatever ends a program without letting it leave the block (a power
    cut) leaves the rule and the queue; the next feed removes those whose time is over.
    """

    def __init__(
        self, events: EventBridgeClient, sqs: SQSClient, stack: Stack, now: datetime
    ) -> None:
        self._events, self._sqs = events, sqs
        self._bus = stack.output("FactBusName")
        self._prefix = f"{stack.name}-watch-"
        self._name = f"{self._prefix}{secrets.token_hex(4)}"
        self._now = now
        self._url = ""

    def __enter__(self) -> Feed:
        self._remove_forgotten()
        try:
            self._subscribe()
        except BaseException:
            self._remove(self._name)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._remove(self._name)

    def read(self) -> Iterator[Fact]:
        """The facts that have come since, waiting some seconds for the first."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=5
        )
        for message in answer.get("Messages", []):
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
            event: Any = json.loads(message["Body"])
            yield Fact(event["detail-type"], event["detail"])

    def _subscribe(self) -> None:
        self._url = self._sqs.create_queue(
            QueueName=self._name, Attributes={"MessageRetentionPeriod": "3600"}
        )["QueueUrl"]
        queue = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        queue_arn = queue["Attributes"]["QueueArn"]
        rule = self._events.put_rule(
            Name=self._name,
            EventBusName=self._bus,
            Description=f"{_UNTIL}{wire(self._now + LONGEST)}",
            EventPattern=json.dumps({"source": ["pitr-guardian"]}),
        )["RuleArn"]
        self._sqs.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": json.dumps(_policy(queue_arn, rule))}
        )
        self._events.put_targets(
            Rule=self._name, EventBusName=self._bus, Targets=[{"Id": "watch", "Arn": queue_arn}]
        )

    def _remove(self, name: str) -> None:
        """Remove a rule and its queue, as far as they are there."""
        with contextlib.suppress(ClientError, BotoCoreError):
            self._events.remove_targets(Rule=name, EventBusName=self._bus, Ids=["watch"])
        with contextlib.suppress(ClientError, BotoCoreError):
            self._events.delete_rule(Name=name, EventBusName=self._bus)
        with contextlib.suppress(ClientError, BotoCoreError):
            url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
            self._sqs.delete_queue(QueueUrl=url)

    def _remove_forgotten(self) -> None:
        """Remove what a watcher left whose time is over."""
        found = self._events.list_rules(EventBusName=self._bus, NamePrefix=self._prefix)
        for rule in found["Rules"]:
            until = parsed(rule.get("Description", "").removeprefix(_UNTIL))
            if until is not None and until < self._now:
                self._remove(rule["Name"])


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

"""The alerts that a subscriber of the stack's topic gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient
    from mypy_boto3_sqs.client import SQSClient


@dataclass(frozen=True)
class Alert:
    """One message. An e-mail subscriber gets `subject` and `text`, a machine the `detail`."""

    subject: str
    detail: Mapping[str, Any]
    attributes: Mapping[str, str]

    @classmethod
    def parse(cls, body: str) -> Alert:
        """Read what SNS puts into a subscribed queue: its envelope, the message inside."""
        envelope = json.loads(body)
        attributes = envelope.get("MessageAttributes") or {}
        return cls(
            subject=envelope.get("Subject", ""),
            detail=json.loads(envelope["Message"]),
            attributes={name: attribute["Value"] for name, attribute in attributes.items()},
        )

    @property
    def event(self) -> str:
        return self.attributes.get("event", "")

    @property
    def actor_arn(self) -> str:
        return str((self.detail.get("actor") or {}).get("arn", "nobody"))

    @property
    def text(self) -> str:
        return str(self.detail.get("text", ""))


class Inbox:
    """A queue subscribed to the alert topic, as an e-mail address would be."""

    def __init__(self, sqs: SQSClient, url: str) -> None:
        self.alerts: list[Alert] = []
        """All alerts so far, in the order in which they came."""
        self._sqs = sqs
        self._url = url

    @classmethod
    def subscribe(cls, sqs: SQSClient, sns: SNSClient, topic_arn: str) -> Inbox:
        url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            },
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        sns.subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn)
        return cls(sqs, url)

    def read(self) -> list[Alert]:
        """Take in what has come; all alerts so far."""
        answer = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            self.alerts.append(Alert.parse(message["Body"]))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return self.alerts

    def wait(self, event: str, table: str | None, within: float) -> Alert:
        """Raises: DeadlineError: no such alert came."""
        wait_for(
            f"the alert `{event}` on {table}",
            lambda: len(self.read()),
            lambda _: bool(self._find(event, table)),
            within,
            describe=lambda count: f"{count} alerts, {[alert.subject for alert in self.alerts]}",
        )
        return self._find(event, table)[0]

    def _find(self, event: str, table: str | None) -> list[Alert]:
        return [
            alert
            for alert in self.alerts
            if alert.event == event and alert.attributes.get("table") == table
        ]

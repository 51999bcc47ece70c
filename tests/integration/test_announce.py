"""The function on the fact bus, from a fact to what subscribers receive."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from functions.announce.app import handler
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    Fact,
    ProtectionFailed,
    RestoreRejected,
    TableId,
)
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.integration.lambda_context import ACCOUNT, lambda_context

FACT = ProtectionFailed(
    id="f-1",
    time=datetime(2026, 10, 5, 9, tzinfo=UTC),
    severity="critical",
    reason="The guardian could not protect the table: it is \u00e4rgerlich.",
    table=TableId.of(ORDERS),
    actor=Actor(arn="arn:aws:iam::111122223333:user/alice"),
    error="Boom",
)
REJECTED = RestoreRejected(
    id="f-2",
    time=datetime(2026, 10, 5, 9, tzinfo=UTC),
    severity="warning",
    reason="The restore was not started. sourceTable: is missing.",
    request_id="r-1",
    requested_by=None,
    request_reason=None,
    source_table=None,
    target_table="orders-restored",
    restore_to=None,
    table=None,
    error="sourceTable: is missing",
)


class Topic:
    """The alert topic, with queues subscribed to it."""

    def __init__(self) -> None:
        self._sns = boto3.client("sns", region_name=REGION)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self.arn = self._sns.create_topic(Name="alerts")["TopicArn"]

    def subscribe(self, name: str, **policy: list[str]) -> str:
        """Subscribe a queue, for messages with these attributes."""
        url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        self._sns.subscribe(
            TopicArn=self.arn,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:123456789012:{name}",
            Attributes={"FilterPolicy": json.dumps(policy)} if policy else {},
        )
        return url

    def received(self, url: str) -> list[dict[str, Any]]:
        """The envelopes that SNS delivered."""
        received = self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in received.get("Messages", [])]


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch) -> Topic:
    created = Topic()
    monkeypatch.setenv("ALERT_TOPIC_ARN", created.arn)
    monkeypatch.setenv("STACK_NAME", "guardian")
    monkeypatch.setenv("OBSERVABILITY", "full")
    return created


def announce(fact: Fact) -> None:
    event = {
        "version": "0",
        "id": "d1e5c1c2-0d5b-4d5e-9d0f-6f7d8a9b0c1d",
        "detail-type": fact.detail_type,
        "source": "pitr-guardian",
        "account": ACCOUNT,
        "time": "2026-10-05T09:00:00Z",
        "region": REGION,
        "resources": [],
        "detail": fact.detail(),
    }
    handler(event, lambda_context())


def test_a_queue_receives_the_detail_with_its_kind_and_its_text(topic: Topic) -> None:
    queue = topic.subscribe("everything")
    announce(FACT)
    [envelope] = topic.received(queue)
    received = json.loads(envelope["Message"])
    assert received | {"text": ""} == FACT.detail() | {
        "detailType": "Protection Failed",
        "text": "",
    }
    assert received["text"].startswith(FACT.reason)
    assert "Error: Boom" in received["text"]


def test_the_sample_fact_is_announced(topic: Topic) -> None:
    queue = topic.subscribe("everything")
    sample = Path(__file__).parents[2] / "events/fact-pitr-re-enabled.json"
    handler(json.loads(sample.read_text()), lambda_context())
    [envelope] = topic.received(queue)
    assert json.loads(envelope["Message"])["detailType"] == "PITR Re-enabled"


def test_the_subject_tells_it_all_in_a_line(topic: Topic) -> None:
    queue = topic.subscribe("everything")
    announce(FACT)
    [envelope] = topic.received(queue)
    assert envelope["Subject"] == "[CRITICAL] orders could NOT be protected"


def test_the_attributes_are_those_of_the_contract(topic: Topic) -> None:
    queue = topic.subscribe("everything")
    announce(FACT)
    [envelope] = topic.received(queue)
    assert envelope["MessageAttributes"] == {
        "event": {"Type": "String", "Value": "protection-failed"},
        "severity": {"Type": "String", "Value": "critical"},
        "table": {"Type": "String", "Value": "orders"},
        "account": {"Type": "String", "Value": "111122223333"},
        "region": {"Type": "String", "Value": REGION},
    }


def test_a_fact_about_no_table_has_the_account_and_region_of_its_bus(topic: Topic) -> None:
    queue = topic.subscribe("everything")
    announce(REJECTED)
    [envelope] = topic.received(queue)
    assert envelope["MessageAttributes"] == {
        "event": {"Type": "String", "Value": "restore-rejected"},
        "severity": {"Type": "String", "Value": "warning"},
        "account": {"Type": "String", "Value": ACCOUNT},
        "region": {"Type": "String", "Value": REGION},
    }


@pytest.mark.parametrize(
    ("policy", "matches"),
    [
        ({"event": ["protection-failed"]}, True),
        ({"severity": ["critical"], "table": ["orders"]}, True),
        ({"account": ["111122223333"], "region": [REGION]}, True),
        ({"event": ["pitr-re-enabled"]}, False),
        ({"severity": ["info", "warning"]}, False),
    ],
    ids=["event", "severity and table", "account and region", "other event", "other severity"],
)
def test_subscribers_get_what_they_filter_for(
    topic: Topic, policy: dict[str, list[str]], matches: bool
) -> None:
    queue = topic.subscribe("some", **policy)
    announce(FACT)
    assert len(topic.received(queue)) == int(matches)


def test_a_fact_that_cannot_be_published_is_not_lost_silently(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERT_TOPIC_ARN", f"{topic.arn}-gone")
    with pytest.raises(Exception, match="NotFound"):
        announce(FACT)


ALARM = json.loads((Path(__file__).parents[2] / "events/alarm-state-change.json").read_text())


def test_an_alarm_of_the_stack_is_announced_and_anybody_elses_is_not(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = topic.subscribe("everything")
    handler(ALARM, lambda_context())  # of pitr-guardian's, and this stack is called otherwise
    handler({**ALARM, "source": "my.app"}, lambda_context())
    assert topic.received(queue) == []
    monkeypatch.setenv("STACK_NAME", "pitr-guardian")
    handler(ALARM, lambda_context())
    assert len(topic.received(queue)) == 1

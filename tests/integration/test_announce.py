"""The function on the fact bus, from a fact to what subscribers receive."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.core.utils import unix_time_millis
from moto.sqs.models import Queue, sqs_backends
from pydantic import ValidationError

from functions.facts.announce import handler
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    Fact,
    ProtectionFailed,
    RestoreRejected,
    TableId,
    TableProtected,
)
from tests.fakes.chat import CustomNotification
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

    def __init__(self, name: str = "alerts") -> None:
        self._sns = boto3.client("sns", region_name=REGION)
        self._sqs = boto3.client("sqs", region_name=REGION)
        self.arn = self._sns.create_topic(Name=name)["TopicArn"]

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


def moto_queue(url: str) -> Queue:
    """The queue itself: messages that are delayed can't be received."""
    return sqs_backends["123456789012"][REGION].queues[url.rpartition("/")[2]]


class House:
    """What folding needs beside the topic: queue, bucket and bus."""

    def __init__(self) -> None:
        self._sqs = boto3.client("sqs", region_name=REGION)
        self._s3 = boto3.client("s3", region_name=REGION)
        self._events = boto3.client("events", region_name=REGION)
        self.digests = self._sqs.create_queue(QueueName="digests")["QueueUrl"]
        self._s3.create_bucket(
            Bucket="reports", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        self._events.create_event_bus(Name="facts")

    def orders(self) -> list[str]:
        """The orders of digests, as if their ten minutes were over."""
        queue = moto_queue(self.digests)
        delays = [message.delayed_until for message in queue._messages]
        assert all(delay > unix_time_millis() + 590_000 for delay in delays)
        return [message.body for message in queue._messages]

    def listed(self) -> list[str]:
        """The lists that were written."""
        found = self._s3.list_objects_v2(Bucket="reports").get("Contents", [])
        return [
            self._s3.get_object(Bucket="reports", Key=each["Key"])["Body"].read().decode()
            for each in found
        ]


@pytest.fixture
def topic(monkeypatch: pytest.MonkeyPatch, house: House, ledger_table: str) -> Topic:
    created = Topic()
    monkeypatch.setenv("ALERT_TOPIC_ARN", created.arn)
    monkeypatch.setenv("CHAT_TOPIC_ARN", "")
    monkeypatch.setenv("STACK_NAME", "guardian")
    monkeypatch.setenv("OBSERVABILITY", "full")
    monkeypatch.setenv("LEDGER_TABLE", ledger_table)
    monkeypatch.setenv("DIGEST_QUEUE_URL", house.digests)
    monkeypatch.setenv("REPORT_BUCKET", "reports")
    monkeypatch.setenv("FACT_BUS", "facts")
    return created


@pytest.fixture
def house() -> House:
    return House()


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


def births(number: int) -> list[Fact]:
    return [
        TableProtected(
            id=f"f-{each}",
            time=datetime(2026, 10, 5, 9, tzinfo=UTC),
            severity="info",
            reason="PITR was never on; it is on now, with 35 days.",
            table=TableId.of(replace(ORDERS, name=f"table-{each:02}")),
            actor=Actor(arn="arn:aws:iam::111122223333:user/alice"),
            created_by="CreateTable",
            recovery_period_in_days=35,
        )
        for each in range(number)
    ]


def test_a_flood_of_births_is_five_alerts_and_a_digest_that_is_due_in_ten_minutes(
    topic: Topic, house: House
) -> None:
    queue = topic.subscribe("everything")
    for fact in births(12):
        announce(fact)
    assert len(topic.received(queue)) == 5
    [order] = house.orders()
    handler({"Records": [{"body": order}]}, lambda_context())
    [listed] = house.listed()
    assert [f"table-{each:02}" in listed for each in range(12)] == [False] * 5 + [True] * 7
    # Ordered twice it is the same fact: the bus has it twice, subscribers get it once.
    handler({"Records": [{"body": order}]}, lambda_context())
    assert len(house.listed()) == 1


def test_an_order_that_is_none_is_kept_for_a_person(topic: Topic) -> None:
    with pytest.raises(ValidationError):
        handler({"Records": [{"body": "{}"}]}, lambda_context())


def test_without_its_ledger_it_announces_one_by_one(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = topic.subscribe("everything")
    monkeypatch.setenv("LEDGER_TABLE", "gone")
    for fact in births(7):
        announce(fact)
    assert len(topic.received(queue)) == 7


def test_the_chat_gets_its_own_schema_with_the_same_attributes(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Topic("chat")
    monkeypatch.setenv("CHAT_TOPIC_ARN", chat.arn)
    everything, in_chat = topic.subscribe("everything"), chat.subscribe("chat")
    announce(FACT)
    announce(FACT)  # which comes twice, and is told once
    [told], [shown] = topic.received(everything), chat.received(in_chat)
    message = CustomNotification.model_validate_json(shown["Message"])
    assert message.content.title == ":rotating_light: CRITICAL: orders could NOT be protected"
    assert shown["MessageAttributes"] == told["MessageAttributes"]


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

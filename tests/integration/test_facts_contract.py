"""What ``facts.ports.Facts`` promises, kept by the fake and by the bus that ships."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from pitr_guardian.aws.facts.bus import (
    FactBus,
    FactNotTakenError,
)
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.facts.facts import (
    ProtectionFailed,
    TableId,
)
from pitr_guardian.facts.ports import Facts
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.fakes.facts import FakeFacts

FACT = ProtectionFailed(
    id="f-1",
    time=datetime(2026, 10, 5, 9, tzinfo=UTC),
    severity="critical",
    reason="Because of \u00e4 reason.",
    table=TableId.of(ORDERS),
    actor=None,
    error="Boom",
)


@dataclass(frozen=True)
class Subject:
    """A bus, and what a subscriber has got from it: detail-type and detail of each fact."""

    facts: Facts
    told: Callable[[], list[tuple[str, dict[str, Any]]]]


@pytest.fixture(params=["fake", "eventbridge"])
def bus(request: pytest.FixtureRequest) -> Subject:
    if request.param == "fake":
        fake = FakeFacts()
        return Subject(fake, lambda: fake.told)
    events = boto3.client("events", region_name=REGION)
    sqs = boto3.client("sqs", region_name=REGION)
    url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name="facts")
    pattern = {"source": ["pitr-guardian"]}
    events.put_rule(Name="all", EventBusName="facts", EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule="all", EventBusName="facts", Targets=[{"Id": "queue", "Arn": arn["QueueArn"]}]
    )

    def told() -> list[tuple[str, dict[str, Any]]]:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        bodies = [json.loads(each["Body"]) for each in received.get("Messages", [])]
        return [(body["detail-type"], body["detail"]) for body in bodies]

    return Subject(FactBus(lambda: events, "facts"), told)


def test_a_fact_reaches_subscribers_as_it_is(bus: Subject) -> None:
    bus.facts.publish(FACT)
    assert bus.told() == [("Protection Failed", FACT.detail())]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("InternalFailure", TryLaterError),
        ("ThrottlingException", TryLaterError),
        ("NotAuthorizedForSourceException", FactNotTakenError),
    ],
)
def test_a_fact_that_the_bus_refuses_is_not_taken_for_told(
    code: str, error: type[Exception]
) -> None:
    events = boto3.client("events", region_name=REGION)
    refused = {"ErrorCode": code, "ErrorMessage": "not now"}
    with Stubber(events) as stubber:
        stubber.add_response("put_events", {"FailedEntryCount": 1, "Entries": [refused]})
        with pytest.raises(error) as not_taken:
            FactBus(lambda: events, "facts").publish(FACT)
    assert str(not_taken.value) == f"Protection Failed: {code}: not now"

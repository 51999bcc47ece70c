"""What the checks of `doctor` make of what AWS says."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pitr_guardian_cli.checks.alerts import lets_in

TOPIC = "arn:aws:sns:eu-central-1:111122223333:pitr-guardian-alerts"
OTHER = "arn:aws:sns:eu-central-1:111122223333:orders"


def statement(**more: Any) -> str:
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [{**allow, **more}]})


@pytest.mark.parametrize(
    "policy",
    [
        statement(),
        statement(Action=["SQS:SendMessage"]),
        statement(Principal="*", Action="sqs:*"),
        statement(Principal={"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}),
        statement(Condition={"ArnEquals": {"aws:SourceArn": TOPIC}}),
        statement(Condition={"ArnLike": {"aws:sourcearn": [OTHER, f"{TOPIC[:-6]}*"]}}),
    ],
)
def test_a_queue_that_lets_the_topic_send_takes_alerts(policy: str) -> None:
    assert lets_in(policy, TOPIC)


@pytest.mark.parametrize(
    "policy",
    [
        None,
        "",
        statement(Effect="Deny"),
        statement(Action="sqs:ReceiveMessage"),
        statement(Principal={"Service": "events.amazonaws.com"}),
        statement(Principal={"AWS": "arn:aws:iam::111122223333:root"}),
        statement(Condition={"ArnEquals": {"aws:SourceArn": OTHER}}),
    ],
)
def test_a_queue_that_doesnt_drops_them(policy: str | None) -> None:
    assert not lets_in(policy, TOPIC)

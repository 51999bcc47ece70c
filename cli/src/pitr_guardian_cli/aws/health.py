"""Whether the guardian itself is well: its queues, its alarms, its last sweep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pitr_guardian_cli.report import Report

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_sqs import SQSClient

    from pitr_guardian_cli.aws.door import Door
    from pitr_guardian_cli.aws.stack import Stack

# As the stack's own alarm has it (docs/operations.md, "No sweep has run").
_HOURLY, _OVERDUE_HOURLY, _OVERDUE = "rate(1 hour)", timedelta(hours=3), timedelta(hours=26)


@dataclass(frozen=True)
class Queues:
    """How many messages are in the stack's queues."""

    waiting: int
    dead_letters: int
    undelivered: int


def queues(door: Door, stack: Stack) -> Queues:
    """Count what is in the queues."""
    dead = stack.output("EnforcementDeadLetterQueueUrl")
    return Queues(
        waiting=held(door.sqs, stack.output("EnforcementQueueUrl")),
        dead_letters=held(door.sqs, dead),
        undelivered=held(door.sqs, undelivered_url(stack)),
    )


def undelivered_url(stack: Stack) -> str:
    """The queue of what couldn't be told or handled, which lies beside the dead letters."""
    beside, _, _ = stack.output("EnforcementDeadLetterQueueUrl").rpartition("/")
    return f"{beside}/{stack.name}-undelivered"


def held(client: SQSClient, url: str) -> int:
    """How many messages a queue holds, those in flight and delayed ones too."""
    answer = client.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
        ],
    )
    return sum(int(value) for value in answer.get("Attributes", {}).values())


def alarms_on(client: CloudWatchClient, stack: str) -> list[str]:
    """The names of the stack's alarms that are on."""
    pages = client.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{stack}/", StateValue="ALARM"
    )
    return [alarm["AlarmName"] for page in pages for alarm in page.get("MetricAlarms", [])]


def is_overdue(stack: Stack, report: Report | None, now: datetime) -> bool:
    """Whether no sweep has come to its end for longer than the schedule allows."""
    if report is None or report.started_at is None:
        return True
    schedule = stack.parameter("SweepSchedule", _HOURLY)
    return now - report.started_at > (_OVERDUE_HOURLY if schedule == _HOURLY else _OVERDUE)

"""How long a stack's name may be, by the names that its templates make of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# CloudFormation's own rule for the names of stacks.
_STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}")
_STACK = "${AWS::StackName}"
_IN_PARTS = "${StackName}"  # what a nested stack gets as a parameter
# As long as they may be: 12 digits, and us-isob-west-1.
_OTHERS = {"${AWS::AccountId}": 12, "${AWS::Region}": 14}
# By the property that holds the name, or where it is just `Name`, by the resource's type. From the
# services' API references: Lambda CreateFunction, IAM CreateRole, EventBridge PutRule and
# CreateEventBus, Scheduler CreateSchedule, SQS CreateQueue, Step Functions CreateStateMachine, SNS
# CreateTopic, S3 CreateBucket, CloudWatch PutMetricAlarm, Logs CreateLogGroup.
_LONGEST = {
    "AlarmName": 255,
    "BucketName": 63,
    "FunctionName": 64,
    "LogGroupName": 512,
    "QueueName": 80,
    "RoleName": 64,
    "RuleName": 64,
    "StateMachineName": 80,
    "TopicName": 256,
    "AWS::Events::EventBus": 256,
    "AWS::Events::Rule": 64,
    "AWS::Scheduler::Schedule": 64,
    "AWS::Serverless::StateMachine": 80,
}


def longest_stack_name(*templates: Mapping[str, Any]) -> tuple[int, str]:
    """How many characters a stack's name may have, and the name that has no room for more.

    Args:
        templates: the stack's own and those of its nested stacks.
    """
    limits = [(128, _STACK)]
    for template in templates:
        for resource in template["Resources"].values():
            if not isinstance(resource, Mapping):
                continue  # a loop, of alarms: their names may be longest of all
            for key, value in _names(resource.get("Properties", {})):
                longest = _LONGEST.get(resource["Type"] if key == "Name" else key)
                if longest is not None and _STACK in value:
                    limits.append((longest - _length_of_rest(value), value))
    return min(limits)


def fault_of_name(name: str, longest: tuple[int, str]) -> str | None:
    """What is wrong with a stack's name: a sentence, or None."""
    limit, tightest = longest
    if not _STACK_NAME.fullmatch(name):
        return (
            f"The stack's name {name!r} is none for CloudFormation: it begins with a letter, has"
            " letters, digits and hyphens, and at most 128 of them."
        )
    if len(name) > limit:
        return (
            f"The stack's name {name!r} has {len(name)} characters, and may have {limit}:"
            f" AWS takes no longer name for {tightest.replace(_STACK, name)}. Nothing was built or"
            " deployed."
        )
    return None


def _names(value: Any) -> Iterator[tuple[str, str]]:
    """Each `…Name: !Sub …`, however deep: SAM has rules inside functions."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key.endswith("Name") and isinstance(inner, Mapping):
                text = inner.get("Fn::Sub")
                if isinstance(text, str):
                    yield key, text.replace(_IN_PARTS, _STACK)
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def _length_of_rest(text: str) -> int:
    text = text.replace(_STACK, "")
    for variable, length in _OTHERS.items():
        text = text.replace(variable, "x" * length)
    return len(text)

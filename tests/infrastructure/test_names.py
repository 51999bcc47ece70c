"""Names that hold the stack's: they decide how long that may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infrastructure.stack import ROOT, Json, translated

# Most characters of a name, by type and property (each service's API reference).
LONGEST = {
    ("AWS::CloudWatch::Alarm", "AlarmName"): 255,
    ("AWS::CloudWatch::Dashboard", "DashboardName"): 255,
    ("AWS::DynamoDB::Table", "TableName"): 255,
    ("AWS::Events::EventBus", "Name"): 256,
    ("AWS::Events::Rule", "Name"): 64,
    ("AWS::IAM::Role", "RoleName"): 64,
    ("AWS::Lambda::Function", "FunctionName"): 64,
    ("AWS::Lambda::LayerVersion", "LayerName"): 140,
    ("AWS::Logs::LogGroup", "LogGroupName"): 512,
    ("AWS::Logs::QueryDefinition", "Name"): 255,
    ("AWS::S3::Bucket", "BucketName"): 63,
    ("AWS::SNS::Topic", "TopicName"): 256,
    ("AWS::SQS::Queue", "QueueName"): 80,
    ("AWS::Scheduler::Schedule", "Name"): 64,
    ("AWS::StepFunctions::StateMachine", "StateMachineName"): 80,
}
STACK_NAME = "${AWS::StackName}"
IN_PARTS = "${StackName}"


def written(resource: Any, key: str) -> str:
    """A name as it is written, a reference to the stack's name like any other use of it."""
    name = resource.get("Properties", {}).get(key, "")
    if isinstance(name, dict):
        [(how, name)] = name.items()
        name = f"${{{name}}}" if how == "Ref" else name
    return str(name).replace(IN_PARTS, STACK_NAME)


def resources() -> Iterator[tuple[str, Json]]:
    """Every resource of every template, by its logical id."""
    for template in translated().values():
        yield from template["Resources"].items()


def rooms() -> dict[str, int]:
    """How long the stack's name may be for each resource that is named after it.

    Other names are CloudFormation's own making, which it cuts to fit.
    """
    found = {}
    for logical_id, resource in resources():
        for (type_, key), longest in LONGEST.items():
            text = written(resource, key)
            if resource["Type"] == type_ and STACK_NAME in text:
                assert text.count("${") == 1, f"{logical_id} is named after something else, too"
                found[logical_id] = longest - len(text.replace(STACK_NAME, ""))
    return found


def test_there_is_one_limit_and_the_readme_tells_it() -> None:
    tightest = min(rooms().values())
    [told] = re.findall(
        r"stack's name has at most (\d+) characters", (ROOT / "README.md").read_text()
    )
    assert int(told) == tightest


@pytest.mark.parametrize("property_name", sorted({key for _, key in LONGEST} | {"Name"}))
def test_every_kind_of_name_is_known(property_name: str) -> None:
    unknown = {
        resource["Type"]
        for _, resource in resources()
        if STACK_NAME in written(resource, property_name)
        and (resource["Type"], property_name) not in LONGEST
    }
    assert unknown == set()

"""A name that is too long is found before anything is built, not by CloudFormation half-way."""

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from deployment.names import fault_of_name, longest_stack_name

ROOT = Path(__file__).parents[3]
TEMPLATES = [ROOT / "template.yaml", *(ROOT / "stacks").glob("*.yaml")]


def named(type_: str, **properties: object) -> dict[str, object]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


@pytest.mark.parametrize(
    ("template", "limit"),
    [
        (named("AWS::SQS::Queue", QueueName=sub("${AWS::StackName}-dead")), 75),
        (named("AWS::Events::Rule", Name=sub("${AWS::StackName}-facts")), 58),
        (named("AWS::Lambda::Function", FunctionName=sub("${AWS::StackName}-x")), 62),
        (named("AWS::IAM::Role", RoleName=sub("${AWS::StackName}-${AWS::Region}")), 49),
        (named("AWS::S3::Bucket", BucketName=sub("${AWS::StackName}-${AWS::AccountId}")), 50),
        (named("AWS::Serverless::StateMachine", Name=sub("${AWS::StackName}-sweep")), 74),
        (
            named(
                "AWS::Serverless::Function",
                Events={"It": {"Properties": {"RuleName": sub("${AWS::StackName}-rule")}}},
            ),
            59,
        ),
        (named("AWS::Serverless::Function", FunctionName=sub("${StackName}-audit")), 58),
        (named("AWS::SNS::Topic", TopicName="mine", DisplayName=sub("${AWS::StackName}")), 128),
    ],
    ids=["queue", "rule", "function", "role", "bucket", "workflow", "SAM-event", "part", "none"],
)
def test_the_tightest_name_limits_the_stacks(template: dict[str, object], limit: int) -> None:
    assert longest_stack_name(template)[0] == limit


def test_the_readme_says_how_long_a_stacks_name_may_be() -> None:
    limit, _ = longest_stack_name(*(yaml_parse(each.read_text()) for each in TEMPLATES))
    readme = (ROOT / "README.md").read_text()
    assert f"at most {limit} characters" in readme


def test_the_tightest_of_all_templates_counts() -> None:
    wide = named("AWS::SQS::Queue", QueueName=sub("${AWS::StackName}-dead"))
    tight = named("AWS::Serverless::Function", FunctionName=sub("${StackName}-audit"))
    assert longest_stack_name(wide, tight) == (58, "${AWS::StackName}-audit")


def test_a_name_too_long_is_refused_with_the_name_that_has_no_room() -> None:
    longest = (47, "${AWS::StackName}-restore-requests")
    assert fault_of_name("x" * 47, longest) is None
    fault = fault_of_name("x" * 48, longest)
    assert fault is not None
    assert "48 characters, and may have 47" in fault
    assert f"{'x' * 48}-restore-requests" in fault


@pytest.mark.parametrize("name", ["1st", "a_b", "", "ü", "a" * 129])
def test_a_name_that_cloudformation_refuses_is_refused(name: str) -> None:
    fault = fault_of_name(name, (200, "any"))
    assert fault is not None
    assert "begins with a letter" in fault

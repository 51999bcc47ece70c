"""Stacks in stacks: SAM and loops in the parts, conditions, outputs, updates, deletion."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.localcloud.account import NUMBERS, Account

SAM, LOOPS = "AWS::Serverless-2016-10-31", "AWS::LanguageExtensions"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
type Json = dict[str, Any]

# SAM translates it into a log group with another name, a role and the workflow.
WORKFLOW = {
    "Type": "AWS::Serverless::StateMachine",
    "Properties": {
        "Name": {"Fn::Sub": "${Prefix}-workflow"},
        "Definition": {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}},
    },
}
PART: Json = {
    "Transform": SAM,
    "Parameters": {"Prefix": {"Type": "String"}, "Source": {"Type": "String", "Default": "one"}},
    "Resources": {
        "Workflow": WORKFLOW,
        "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": {"Ref": "Prefix"}}},
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {"EventPattern": {"source": [{"Ref": "Source"}]}},
        },
    },
    "Outputs": {
        "BusArn": {"Value": {"Fn::GetAtt": ["Bus", "Arn"]}},
        "WorkflowArn": {"Value": {"Ref": "Workflow"}},
        "RuleName": {"Value": {"Ref": "Rule"}},
    },
}
LOOP: Json = {
    "Transform": [LOOPS],
    "Parameters": {"Prefix": {"Type": "String"}},
    "Resources": {
        "Fn::ForEach::Buses": [
            "Which",
            ["Red", "Green"],
            {
                "Bus${Which}": {
                    "Type": "AWS::Events::EventBus",
                    "Properties": {"Name": {"Fn::Sub": "${Prefix}-${Which}"}},
                }
            },
        ]
    },
}


class Stack:
    """A stack with one part, whose template lies in a bucket."""

    def __init__(self, aws: Account) -> None:
        self.aws = aws
        self.name = f"stack-{next(NUMBERS)}"
        self.cloudformation = aws.client("cloudformation")
        self._bucket = f"templates-{self.name}"
        aws.client("s3").create_bucket(
            Bucket=self._bucket,
            CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
        )

    def deploy(
        self,
        action: str,
        part: Json,
        *,
        capabilities: list[str] | None = None,
        **given: str,
    ) -> None:
        key = f"{next(NUMBERS)}.json"
        self.aws.client("s3").put_object(
            Bucket=self._bucket, Key=key, Body=json.dumps(part).encode()
        )
        properties = {
            "TemplateURL": f"https://s3.amazonaws.com/{self._bucket}/{key}",
            "Parameters": {"Prefix": self.name, **given},
        }
        template = {
            "Parameters": {"Wanted": {"Type": "String", "Default": "yes"}},
            "Conditions": {"IsWanted": {"Fn::Equals": [{"Ref": "Wanted"}, "yes"]}},
            "Resources": {
                "Part": {
                    "Type": "AWS::CloudFormation::Stack",
                    "Condition": "IsWanted",
                    "Properties": properties,
                }
            },
            "Outputs": {
                name: {
                    "Condition": "IsWanted",
                    "Value": {"Fn::GetAtt": ["Part", f"Outputs.{name}"]},
                }
                for name in part.get("Outputs", {})
            },
        }
        self._act(action, template, [], capabilities)

    def without_part(self) -> None:
        template = self.cloudformation.get_template(StackName=self.name)["TemplateBody"]
        wanted = [{"ParameterKey": "Wanted", "ParameterValue": "no"}]
        self._act("update", template, wanted, None)

    def delete(self) -> None:
        self.cloudformation.delete_stack(StackName=self.name)
        waiter = self.cloudformation.get_waiter("stack_delete_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def _act(
        self, action: str, template: Json, given: list[Any], capabilities: list[str] | None
    ) -> None:
        getattr(self.cloudformation, f"{action}_stack")(
            StackName=self.name,
            TemplateBody=json.dumps(template),
            Parameters=given,
            Capabilities=CAPABILITIES if capabilities is None else capabilities,
        )
        waiter = self.cloudformation.get_waiter(f"stack_{action}_complete")
        waiter.wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def outputs(self) -> dict[str, str]:
        [found] = self.cloudformation.describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}

    def buses(self) -> set[str]:
        found = self.aws.client("events").list_event_buses()["EventBuses"]
        return {bus["Name"] for bus in found} - {"default"}

    def workflows(self) -> list[str]:
        found = self.aws.client("stepfunctions").list_state_machines()["stateMachines"]
        return [each["name"] for each in found]

    def roles(self) -> list[str]:
        return [each["RoleName"] for each in self.aws.client("iam").list_roles()["Roles"]]


@pytest.fixture
def stack(aws: Account) -> Stack:
    return Stack(aws)


def test_sam_runs_on_a_part_and_its_outputs_reach_the_parent(stack: Stack) -> None:
    stack.deploy("create", PART)
    assert stack.workflows() == [f"{stack.name}-workflow"]
    outputs = stack.outputs()
    assert outputs["BusArn"].endswith(f":event-bus/{stack.name}")
    assert outputs["WorkflowArn"].endswith(f":stateMachine:{stack.name}-workflow")
    # CloudFormation user guide: it's named after its parent, and so is what has no name in it.
    assert all(name.startswith(f"{stack.name}-Part-") for name in stack.roles())


def test_a_loop_in_a_part_is_written_out(stack: Stack) -> None:
    stack.deploy("create", LOOP)
    assert stack.buses() == {f"{stack.name}-Red", f"{stack.name}-Green"}


def test_a_part_changes_with_its_parent_and_keeps_what_it_had(stack: Stack) -> None:
    stack.deploy("create", PART)
    before = stack.outputs()
    stack.deploy("update", PART, Source="two")
    assert stack.outputs() == before
    rule = stack.aws.client("events").describe_rule(Name=before["RuleName"])
    assert json.loads(rule["EventPattern"]) == {"source": ["two"]}


def test_what_a_part_no_longer_has_is_deleted(stack: Stack) -> None:
    stack.deploy("create", PART)
    resources = {key: each for key, each in PART["Resources"].items() if key != "Workflow"}
    outputs = {key: each for key, each in PART["Outputs"].items() if key != "WorkflowArn"}
    stack.deploy("update", {**PART, "Resources": resources, "Outputs": outputs})
    assert stack.workflows() == []
    assert stack.buses() == {stack.name}


def test_a_part_goes_with_its_condition(stack: Stack) -> None:
    stack.deploy("create", PART)
    stack.without_part()
    assert (stack.buses(), stack.workflows(), stack.roles()) == (set(), [], [])
    assert stack.outputs() == {}


def test_a_part_is_deleted_with_its_parent_but_what_is_retained(stack: Stack) -> None:
    resources = PART["Resources"]
    kept = {**resources, "Bus": {**resources["Bus"], "DeletionPolicy": "Retain"}}
    stack.deploy("create", {**PART, "Resources": kept})
    stack.delete()
    assert (stack.buses(), stack.workflows(), stack.roles()) == ({stack.name}, [], [])


def test_a_part_that_cannot_be_created_leaves_nothing(stack: Stack) -> None:
    wrong = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"Fn::GetAtt": "Bus.No"}}}
    with pytest.raises(WaiterError):
        stack.deploy("create", {**PART, "Resources": {**PART["Resources"], "Wrong": wrong}})
    assert (stack.buses(), stack.workflows(), stack.roles()) == (set(), [], [])


def test_an_alarm_that_somebody_has_is_not_made_again(stack: Stack) -> None:
    alarm = {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": "taken",
            "Namespace": "AWS/SQS",
            "MetricName": "NumberOfMessagesSent",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 1,
        },
    }
    stack.deploy("create", {**PART, "Resources": {**PART["Resources"], "One": alarm}})
    with pytest.raises(WaiterError):
        stack.deploy(
            "update", {**PART, "Resources": {**PART["Resources"], "One": alarm, "Two": alarm}}
        )
    # The failed update is rolled back: what there was is there.
    alarms = stack.aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [each["AlarmName"] for each in alarms] == ["taken"]
    assert stack.buses() == {stack.name}


def test_a_transform_in_a_part_needs_leave(stack: Stack) -> None:
    with pytest.raises((WaiterError, ClientError)):
        stack.deploy("create", PART, capabilities=["CAPABILITY_IAM"])
    assert stack.workflows() == []

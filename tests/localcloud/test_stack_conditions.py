"""What a stack is described as, and its resources that are there on a condition."""

from __future__ import annotations

import json

import pytest

from tests.localcloud.account import HOME, Account

TEMPLATE = {
    "Description": "Some buses",
    "Parameters": {
        "Accounts": {"Type": "CommaDelimitedList", "Default": ""},
        "Region": {"Type": "String", "Default": "nowhere"},
        "But": {"Type": "String", "Default": "nobody"},
    },
    "Conditions": {
        "IsHere": {
            "Fn::And": [
                {"Fn::Equals": [{"Ref": "AWS::Region"}, {"Ref": "Region"}]},
                {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::AccountId"}, {"Ref": "But"}]}]},
            ]
        },
        "HasAccounts": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Accounts"}]}, ""]}]},
    },
    "Resources": {
        "Always": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "always"}},
        "Sometimes": {
            "Type": "AWS::Events::EventBus",
            "Condition": "HasAccounts",
            "Properties": {"Name": "sometimes"},
        },
        "Here": {
            "Type": "AWS::Events::EventBus",
            "Condition": "IsHere",
            "Properties": {"Name": "here"},
        },
    },
}


class Stack:
    def __init__(self, aws: Account) -> None:
        self._cloudformation = aws.client("cloudformation")
        self._events = aws.client("events")

    def deploy(self, action: str, **parameters: str) -> None:
        given = [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()]
        getattr(self._cloudformation, f"{action}_stack")(
            StackName="stack", TemplateBody=json.dumps(TEMPLATE), Parameters=given
        )
        waiter = self._cloudformation.get_waiter(f"stack_{action}_complete")
        waiter.wait(StackName="stack", WaiterConfig={"Delay": 1})

    def buses(self) -> set[str]:
        return {bus["Name"] for bus in self._events.list_event_buses()["EventBuses"]} - {"default"}


@pytest.mark.parametrize("given", [{}, {"Accounts": ""}], ids=["default", "empty"])
def test_an_empty_list_joined_is_an_empty_text(aws: Account, given: dict[str, str]) -> None:
    stack = Stack(aws)
    stack.deploy("create", **given)
    assert stack.buses() == {"always"}


def test_a_resource_comes_and_goes_with_its_condition(aws: Account) -> None:
    stack = Stack(aws)
    stack.deploy("create", Accounts="111122223333,444455556666")
    assert stack.buses() == {"always", "sometimes"}
    stack.deploy("update", Accounts="")
    assert stack.buses() == {"always"}


def test_a_condition_knows_the_stacks_account_and_region(aws: Account) -> None:
    stack = Stack(aws)
    stack.deploy("create", Region=HOME)
    assert stack.buses() == {"always", "here"}
    stack.deploy("update", Region=HOME, But=aws.account_id)
    assert stack.buses() == {"always"}


def test_a_stack_is_described_as_its_template_is(aws: Account) -> None:
    Stack(aws).deploy("create")
    [stack] = aws.client("cloudformation").describe_stacks(StackName="stack")["Stacks"]
    assert stack["Description"] == "Some buses"

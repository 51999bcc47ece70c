"""Who may put events on a bus: identities' policies and the bus's own, as IAM weighs them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import HOME, NUMBERS, Account
from tests.localcloud.errors import refused

BUS = "facts"
PUT = {"Action": "events:PutEvents", "Resource": "*"}


def bus_arn(aws: Account) -> str:
    return f"arn:aws:events:{HOME}:{aws.account_id}:event-bus/{BUS}"


def statement(aws: Account, effect: str, principal: Any = "*", **condition: Any) -> dict[str, Any]:
    return {
        "Sid": effect,
        "Effect": effect,
        "Principal": principal,
        "Action": "events:PutEvents",
        "Resource": bus_arn(aws),
        **({"Condition": condition} if condition else {}),
    }


def a_bus(aws: Account, *statements: dict[str, Any]) -> str:
    """The ARN of a new bus with that policy."""
    events = aws.client("events")
    arn: str = events.create_event_bus(Name=BUS)["EventBusArn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        events.put_permission(EventBusName=BUS, Policy=policy)
    return arn


def put(client: Any, bus: str, detail_type: str = "Noted") -> None:
    entry = {"EventBusName": bus, "Source": "test", "DetailType": detail_type, "Detail": "{}"}
    assert client.put_events(Entries=[entry])["FailedEntryCount"] == 0


def session(aws: Account, role: str) -> dict[str, str]:
    assumed = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "access_key": assumed["AccessKeyId"],
        "secret_key": assumed["SecretAccessKey"],
        "session_token": assumed["SessionToken"],
    }


@pytest.fixture
def other(cloud: LocalCloud) -> Account:
    """Another account."""
    return Account(cloud, f"{next(NUMBERS):012d}")


def test_a_bus_without_a_policy_takes_what_identities_may_put(aws: Account) -> None:
    bus = a_bus(aws)
    put(aws.client("events"), bus)
    put(aws.client("events", **aws.user(PUT)), bus)
    with refused("AccessDeniedException"):
        put(aws.client("events", **aws.user()), bus)


def test_a_policy_is_described_with_its_bus(aws: Account) -> None:
    denied = statement(aws, "Deny")
    a_bus(aws, denied)
    policy = aws.client("events").describe_event_bus(Name=BUS)["Policy"]
    assert json.loads(policy)["Statement"] == [denied]


@pytest.mark.parametrize("named_by", ["name", "ARN"])
def test_a_denial_holds_for_the_buss_own_account(aws: Account, named_by: str) -> None:
    arn = a_bus(aws, statement(aws, "Deny"))
    for caller in ({}, aws.user(PUT)):  # the root, and a user who may put events anywhere
        with refused("AccessDeniedException"):
            put(aws.client("events", **caller), BUS if named_by == "name" else arn)


def test_a_denial_of_all_but_a_role_spares_the_roles_sessions(aws: Account) -> None:
    role = aws.role(PUT)  # with a path, which its sessions' ARNs don't have
    bus = a_bus(aws, statement(aws, "Deny", ArnNotEquals={"aws:PrincipalArn": [role]}))
    put(aws.client("events", **session(aws, role)), bus)
    with refused("AccessDeniedException"):
        put(aws.client("events", **session(aws, aws.role(PUT, name="other"))), bus)


def test_an_event_for_a_closed_bus_among_others_is_refused(aws: Account) -> None:
    bus = a_bus(aws, statement(aws, "Deny"))
    entry = {"Source": "test", "DetailType": "Noted", "Detail": "{}"}
    with refused("AccessDeniedException"):
        aws.client("events").put_events(Entries=[entry, {"EventBusName": bus, **entry}])


def test_another_account_needs_leave(aws: Account, other: Account) -> None:
    bus = a_bus(aws)
    for caller in ({}, other.user(PUT)):
        with refused("AccessDeniedException"):
            put(other.client("events", **caller), bus)


def test_leave_to_another_account_is_leave_to_those_whom_it_lets(
    aws: Account, other: Account
) -> None:
    bus = a_bus(aws, statement(aws, "Allow", {"AWS": [other.account_id]}))
    put(other.client("events"), bus)
    put(other.client("events", **other.user(PUT)), bus)
    with refused("AccessDeniedException"):
        put(other.client("events", **other.user()), bus)


def test_leave_may_be_for_one_kind_of_event(aws: Account, other: Account) -> None:
    only = {"ForAllValues:StringEquals": {"events:detail-type": "Restore Requested"}}
    bus = a_bus(aws, statement(aws, "Allow", {"AWS": [other.account_id]}, **only))
    put(other.client("events"), bus, "Restore Requested")
    with refused("AccessDeniedException"):
        put(other.client("events"), bus, "Noted")


@pytest.mark.parametrize("key", ["events:source", "events:detail-type"])
def test_what_events_are_about_is_a_list_that_needs_a_set_operator(aws: Account, key: str) -> None:
    bus = a_bus(aws)
    value = {"events:source": "test", "events:detail-type": "Noted"}[key]
    for_all = {**PUT, "Condition": {"ForAllValues:StringEquals": {key: value}}}
    put(aws.client("events", **aws.user(for_all)), bus)
    for operator in ("StringEquals", "StringLike"):
        plain = {**PUT, "Condition": {operator: {key: value}}}
        with refused("AccessDeniedException"):
            put(aws.client("events", **aws.user(plain)), bus)


@pytest.mark.parametrize("bus", ["default", BUS])
def test_a_rule_is_named_as_its_arn_says(aws: Account, bus: str) -> None:
    a_bus(aws)
    arn = aws.client("events").put_rule(
        Name="mine", EventBusName=bus, EventPattern='{"source": ["test"]}'
    )["RuleArn"]
    user = aws.user({"Action": "events:DisableRule", "Resource": arn})
    events = aws.client("events", **user)
    events.disable_rule(Name="mine", EventBusName=bus)
    with refused("AccessDeniedException"):
        events.disable_rule(Name="other", EventBusName=bus)


def test_an_event_of_another_account_is_delivered_and_says_so(aws: Account, other: Account) -> None:
    bus = a_bus(aws, statement(aws, "Allow", {"AWS": [other.account_id]}))
    sqs, events = aws.client("sqs"), aws.client("events")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = f"arn:aws:sqs:{HOME}:{aws.account_id}:seen"
    allow = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    events.put_rule(Name="all", EventBusName=BUS, EventPattern='{"source": ["test"]}')
    events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])
    put(other.client("events"), bus)
    [message] = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert json.loads(message["Body"])["account"] == other.account_id


def test_a_stack_gives_a_bus_its_policy_and_takes_it_away(aws: Account) -> None:
    def template(*effects: str) -> str:
        policies = {
            f"Policy{effect}": {
                "Type": "AWS::Events::EventBusPolicy",
                "Properties": {
                    "EventBusName": {"Ref": "Bus"},
                    "StatementId": effect,
                    "Statement": {
                        "Effect": effect,
                        "Principal": "*",
                        "Action": "events:PutEvents",
                        "Resource": {"Fn::GetAtt": ["Bus", "Arn"]},
                    },
                },
            }
            for effect in effects
        }
        bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": BUS}}
        return json.dumps({"Resources": {"Bus": bus, **policies}})

    def effects() -> list[str]:
        found = events.describe_event_bus(Name=BUS).get("Policy", '{"Statement": []}')
        return [each["Effect"] for each in json.loads(found)["Statement"]]

    events, cloudformation = aws.client("events"), aws.client("cloudformation")
    cloudformation.create_stack(StackName="stack", TemplateBody=template("Allow", "Deny"))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="stack", WaiterConfig={"Delay": 1}
    )
    assert sorted(effects()) == ["Allow", "Deny"]
    with refused("AccessDeniedException"):
        put(events, BUS)
    cloudformation.update_stack(StackName="stack", TemplateBody=template())
    cloudformation.get_waiter("stack_update_complete").wait(
        StackName="stack", WaiterConfig={"Delay": 1}
    )
    assert effects() == []
    put(events, BUS)

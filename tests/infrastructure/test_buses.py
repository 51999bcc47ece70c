"""Who may put events on the stack's buses."""

from __future__ import annotations

import json

from tests.infrastructure.stack import (
    ACCOUNT,
    NAME,
    ORGANIZATION,
    Json,
    deployed,
    listed,
    statements,
)

STACK = deployed()
# CloudFormation cuts a role's name to the 64 characters that IAM allows.
PATH = f"pitr-guardian/{'s' * 40}/ap-southeast-1/check-trail/"  # of those that members know
LONGEST_ROLE_ARN = f"arn:aws-us-gov:iam::{ACCOUNT}:role/{PATH}{'r' * 64}"
LARGEST_POLICY = 10 * 1024  # bytes (EventBridge user guide, quotas)


def policies_of(bus: str, **parameters: str) -> list[Json]:
    """The statements of a bus's policy."""
    return [
        statement
        for each in deployed(**parameters).resources.values()
        if each.type == "AWS::Events::EventBusPolicy" and each.properties["EventBusName"] == bus
        for statement in statements(each)
    ]


def test_a_bus_has_no_policy_but_those_resources() -> None:
    for bus in STACK.of_type("AWS::Events::EventBus"):
        assert bus.properties.keys() == {"Name", "Description"}


def test_only_roles_that_tell_facts_may_put_events_on_the_fact_bus() -> None:
    tellers = [
        f"{role.id}.Arn"
        for role in STACK.of_type("AWS::IAM::Role")
        for statement in statements(role)
        if "events:PutEvents" in listed(statement["Action"])
    ]
    [denied] = policies_of("FactBus")
    # Exact names. A request without this key is denied, too: the operator is a negated one.
    named = denied["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    assert sorted(named) == sorted(tellers)
    assert denied == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": "FactBus.Arn",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": named}},
    }


def test_the_policy_of_the_fact_bus_is_not_too_long_for_any_stack() -> None:
    [denied] = policies_of("FactBus")
    roles = denied["Condition"]["ArnNotEquals"]["aws:PrincipalArn"]
    text = json.dumps(denied)
    for role in roles:
        text = text.replace(role, LONGEST_ROLE_ARN)
    assert text.count(LONGEST_ROLE_ARN) == len(roles)
    assert len(text) < LARGEST_POLICY / 2


def test_nobody_of_another_account_may_ask_for_restores_by_default() -> None:
    assert policies_of("RequestBus") == []


def test_other_accounts_may_ask_for_restores_where_they_are_named() -> None:
    accounts = "111111111111,222222222222"
    [allowed] = policies_of("RequestBus", AllowedRequesterAccounts=accounts)
    assert allowed == {
        "Effect": "Allow",
        "Principal": {"AWS": ["111111111111", "222222222222"]},
        "Action": "events:PutEvents",
        "Resource": "RequestBus.Arn",
        "Condition": {
            "ForAllValues:StringEquals": {"events:detail-type": ["Restore Requested"]},
            "Null": {"events:detail-type": False},
        },
    }
    assert policies_of("FactBus", AllowedRequesterAccounts=accounts) == policies_of("FactBus")


def test_the_requests_rule_takes_restore_requests_alone() -> None:
    rule = STACK["AcceptRestoreFunctionRequest"].properties
    assert rule["EventBusName"] == "RequestBus"
    assert rule["EventPattern"] == {"detail-type": ["Restore Requested"]}


def test_the_inbox_takes_aws_own_events_of_the_organization_alone() -> None:
    [allowed] = policies_of("InboxBus")
    assert allowed == {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": "InboxBus.Arn",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION},
            # AWS takes no event from a user whose source begins with "aws.".
            "ForAllValues:StringEquals": {"events:source": ["aws.dynamodb", "aws.events"]},
            "Null": {"events:source": False},
        },
    }


def test_the_inbox_is_named_as_members_take_its_name_apart() -> None:
    assert STACK["InboxBus"].properties["Name"] == f"{NAME}-inbox"

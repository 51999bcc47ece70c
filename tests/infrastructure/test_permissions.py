"""Each role may do what its function or workflow needs, and nothing else.

`docs/permissions.md` is the whole of it, to read and to review.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest
import yaml

from tests.infrastructure.rights.granted import (
    EVERYTHING,
    STACKS_KEY,
    differences,
    granted_by_role,
    grants,
)
from tests.infrastructure.rights.needed import needed_by_role, rights_of_definition
from tests.infrastructure.rights.page import PAGE, written
from tests.infrastructure.rights.wired import Right, Rights
from tests.infrastructure.stack import (
    ACCOUNT,
    ROOT,
    Json,
    Resource,
    Stack,
    deployed,
    sources,
    statements,
)

ROLES = sorted(role.id for role in deployed().of_type("AWS::IAM::Role"))
SWITCH = Right("dynamodb:UpdateContinuousBackups", "table")
ASSUMED_BY = {
    "RestoreStateMachineRole": "states.amazonaws.com",
    "SweepStateMachineRole": "states.amazonaws.com",
    "PlanStateMachineRole": "states.amazonaws.com",
    "ApplyStateMachineRole": "states.amazonaws.com",
    "DrillStateMachineRole": "states.amazonaws.com",
    "SweepScheduleRole": "scheduler.amazonaws.com",
}


def roles(stack: Stack) -> dict[str, Resource]:
    return {role.id: role for role in stack.of_type("AWS::IAM::Role")}


def resources_by_action(role: Resource) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for grant in grants(role):
        found.setdefault(grant.action, set()).add(grant.resource)
    return found


@cache
def needed(key: str = "", mode: str = "remediate") -> dict[str, Rights]:
    return needed_by_role(deployed(KmsKeyArn=key, Mode=mode))


def compared(key: str = "", mode: str = "remediate") -> dict[str, list[str]]:
    """Role to what differs between what it needs and what it is granted."""
    granted = granted_by_role(deployed(KmsKeyArn=key, Mode=mode))
    assert needed(key, mode).keys() == granted.keys()
    return {role: differences(needed(key, mode)[role].keys(), granted[role]) for role in granted}


def test_with_a_chat_its_topic_may_be_published_to_as_well() -> None:
    stack = deployed(ChatAlerts="true")
    needed_rights = needed_by_role(stack)["AnnounceRole"].keys()
    assert not differences(needed_rights, granted_by_role(stack)["AnnounceRole"])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("key", ["", STACKS_KEY], ids=["aws keys", "a key of the customer's"])
def test_a_role_may_do_what_it_needs_and_nothing_else(role: str, key: str) -> None:
    assert not compared(key)[role]


@pytest.mark.parametrize("key", ["", STACKS_KEY], ids=["aws keys", "a key of the customer's"])
def test_without_undos_no_role_can_touch_an_item_and_one_refuses(key: str) -> None:
    stack = deployed(UndoTablePattern="", KmsKeyArn=key)
    granted, all_needed = granted_by_role(stack), needed_by_role(stack)
    assert granted.keys() - deployed_roles() == {"RefuseUndoRole"}
    refuse = "RefuseUndoRole"
    assert not differences(all_needed[refuse].keys(), granted[refuse])
    undoing = {role.id for role in deployed().of_type("AWS::IAM::Role") if "Undos" in role.stack}
    assert not undoing & granted.keys()


def deployed_roles() -> set[str]:
    return {role.id for role in deployed().of_type("AWS::IAM::Role")}


def test_undos_reach_the_tables_that_they_may_reach() -> None:
    found = {
        role.id: resources_by_action(role)
        for role in roles(deployed(UndoTablePattern="shop-*")).values()
    }
    tables = f"arn:aws:dynamodb:*:{ACCOUNT}:table/shop-*"
    writers = {
        role
        for role, actions in found.items()
        for action in ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
        if tables in actions.get(f"dynamodb:{action}", ())
    }
    assert writers == {"ApplyPartRole"}
    assert found["ApplyPartRole"]["dynamodb:UpdateItem"] == {tables}
    readers = {
        role
        for role, actions in found.items()
        if tables in actions.get("dynamodb:BatchGetItem", ())
    }
    assert readers == {"ApplyPartRole", "PlanShardRole", "VerifyPartRole"}
    assert found["StartExportsRole"]["dynamodb:ExportTableToPointInTime"] == {tables}


def test_who_only_notifies_cannot_switch_anything() -> None:
    found = {role: told for role, told in compared(mode="notify-only").items() if told}
    assert found == {"EnforceRole": differences({SWITCH}, set())}


@pytest.mark.parametrize("role", ROLES)
def test_the_comparison_notices_each_right_that_is_missing_or_too_much(role: str) -> None:
    granted = granted_by_role(deployed())[role]
    for right in granted:
        assert differences(needed()[role].keys(), granted - {right}) == [
            f"{right.action} on {right.on} is needed, and not granted"
        ]
    for right in (Right("dynamodb:CreateTable", "table"), Right("kms:Decrypt", "key of nobody's")):
        assert differences(needed()[role].keys(), granted | {right}) == [
            f"{right.action} on {right.on} is granted, and not needed"
        ]


def test_an_action_on_a_wider_resource_is_noticed() -> None:
    right = Right("dynamodb:UpdateItem", "ledger")
    granted = granted_by_role(deployed())["EnforceRole"]
    assert right in granted
    widened = granted - {right} | {replace(right, on="table")}
    assert len(differences(needed()["EnforceRole"].keys(), widened)) == 2


def task(resource: str, **arguments: object) -> Json:
    state = {"Type": "Task", "Resource": resource, "Arguments": arguments}
    return {"States": {"Map": {"Type": "Map", "ItemProcessor": {"States": {"Inner": state}}}}}


def test_a_task_of_a_workflow_needs_what_it_calls() -> None:
    definition = task("arn:${Partition}:states:::lambda:invoke", FunctionName="${Other}")
    assert rights_of_definition(definition, {"Other": "OtherFunction.Arn"}).keys() == {
        Right("lambda:InvokeFunction", "OtherFunction.Arn")
    }


@pytest.mark.parametrize(
    "resource",
    ["arn:${Partition}:states:::aws-sdk:dynamodb:deleteTable", "${SomeFunctionArn}"],
)
def test_an_integration_that_nobody_knows_is_not_overlooked(resource: str) -> None:
    with pytest.raises(AssertionError, match="no integration that is known"):
        rights_of_definition(task(resource), {})


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == written(), "run `make permissions`"


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_no_rights_but_those_written_out_in_it(role: str) -> None:
    properties = roles(deployed())[role].properties
    assert properties.keys() <= {
        "Path",
        "AssumeRolePolicyDocument",
        "PermissionsBoundary",
        "Policies",
    }


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_assumed_by_its_service_only(role: str) -> None:
    [trust] = roles(deployed())[role].properties["AssumeRolePolicyDocument"]["Statement"]
    service = ASSUMED_BY.get(role, "lambda.amazonaws.com")
    assert trust == {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }


def test_nothing_but_copies_of_drills_can_be_deleted() -> None:
    deleting = {
        role.id: resources
        for role in roles(deployed()).values()
        if (resources := resources_by_action(role).get("dynamodb:DeleteTable"))
    }
    copies = f"arn:aws:dynamodb:*:{ACCOUNT}:table/pitr-guardian-drill-*"
    assert deleting == {"RemoveCopyRole": {copies}, "AbandonedDrillRole": {copies}}


def test_where_nothing_is_drilled_nothing_is_there_for_it() -> None:
    stack = deployed(DrillTagKey="", UndoTablePattern="")
    actions = {action for role in roles(stack).values() for action in resources_by_action(role)}
    assert "dynamodb:DeleteTable" not in actions
    assert not [each for each in stack.resources if "Drill" in each and "Refuse" not in each]


def test_no_action_is_a_pattern() -> None:
    for role in roles(deployed()).values():
        assert not [action for action in resources_by_action(role) if "*" in action]


def test_every_statement_says_what_it_is_for() -> None:
    for role in roles(deployed()).values():
        sids = [statement["Sid"] for statement in statements(role)]
        assert len(sids) == len(set(sids)), role.id


# -- wildcards --------------------------------------------------------------------------------

# The service authorization reference, as cfn-lint brings it.
REFERENCE = json.loads(
    (files("cfnlint.data") / "AdditionalSpecs" / "Policies.json").read_text("utf-8")
)


def kinds_of_resources(action: str) -> list[str]:
    """What IAM can allow an action on; nothing: only everything."""
    service, name = action.split(":")
    kinds: list[str] = REFERENCE[service]["Actions"][name.lower()].get("Resources", [])
    return kinds


@pytest.mark.parametrize("role", ROLES)
def test_only_what_iam_knows_no_resources_for_is_allowed_on_everything(role: str) -> None:
    for grant in grants(roles(deployed())[role]):
        assert (grant.resource == EVERYTHING) == (not kinds_of_resources(grant.action)), grant


def wildcards(node: yaml.Node) -> Iterator[tuple[int, ...]]:
    """Of each wildcard in a statement's resources: the lines of itself, its key, its statement."""
    if isinstance(node, yaml.MappingNode):
        fields = {key.value: (key, value) for key, value in node.value}
        if {"Effect", "Resource"} <= fields.keys():
            key, resource = fields["Resource"]
            each = resource.value if isinstance(resource, yaml.SequenceNode) else [resource]
            for found in each:
                if "*" in str(found.value):
                    lines = (found.start_mark, key.start_mark, node.start_mark)
                    yield tuple(mark.line for mark in lines)
        for _, value in node.value:
            yield from wildcards(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from wildcards(value)


@pytest.mark.parametrize("path", sources())
def test_every_wildcard_has_its_reason_beside_it(path: str) -> None:
    """At the end of its line, or just above it, its list or its statement."""
    text = (ROOT / path).read_text()
    lines = text.splitlines()
    template = yaml.compose(text, yaml.SafeLoader)
    assert template is not None
    for at, *above in sorted(set(wildcards(template))):
        reasons = [" #" in lines[at]]
        reasons += [lines[line - 1].strip().startswith("#") for line in (at, *above)]
        assert any(reasons), f"line {at + 1} gives no reason: {lines[at].strip()}"


def test_there_are_wildcards_to_give_reasons_for() -> None:
    nodes = [yaml.compose((ROOT / path).read_text(), yaml.SafeLoader) for path in sources()]
    assert len([line for node in nodes if node for line in wildcards(node)]) > 10


def test_restores_reach_the_tables_that_they_may_reach() -> None:
    stack = deployed(RestoreSourcePattern="prod-*", RestoreTargetPattern="restored-*")
    sources = f"arn:aws:dynamodb:*:{ACCOUNT}:table/prod-*"
    targets = f"arn:aws:dynamodb:*:{ACCOUNT}:table/restored-*"
    found = {role.id: resources_by_action(role) for role in roles(stack).values()}
    start = found["StartRestoreRole"]
    assert start["dynamodb:RestoreTableToPointInTime"] == {sources, targets}
    assert start["dynamodb:RestoreTableFromBackup"] == {f"{sources}/backup/*", targets}
    for action in ("BatchWriteItem", "Query", "Scan"):
        assert start[f"dynamodb:{action}"] == {targets}
    for action in ("DeleteItem", "GetItem", "PutItem", "UpdateItem"):
        assert start[f"dynamodb:{action}"] == {targets, "Ledger.Arn"}
    carry = found["CarrySettingsRole"]
    for action in ("UpdateContinuousBackups", "UpdateTable", "TagResource", "PutResourcePolicy"):
        assert carry[f"dynamodb:{action}"] == {targets}
    assert carry["dynamodb:UpdateContributorInsights"] == {targets, f"{targets}/index/*"}
    assert found["CheckRestoreRole"]["dynamodb:DescribeTable"] == {targets}
    accept = found["AcceptRestoreRole"]
    assert accept["dynamodb:DescribeTable"] == {sources, targets}
    assert accept["dynamodb:DescribeContinuousBackups"] == {sources}
    for role in (accept, found["SurveySettingsRole"]):
        assert role["dynamodb:DescribeBackup"] == {f"{sources}/backup/*"}


def test_a_boundary_is_put_on_every_role_where_it_is_given() -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/boundary"
    for role in roles(deployed(PermissionsBoundaryArn=boundary)).values():
        assert role.properties["PermissionsBoundary"] == boundary
    for role in roles(deployed()).values():
        assert "PermissionsBoundary" not in role.properties

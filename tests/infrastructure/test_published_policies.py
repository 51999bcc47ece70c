"""The policies in docs/policies: valid, and about the stack as it is."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.infrastructure.stack import (
    ACCOUNT,
    NAME,
    REGION,
    ROOT,
    Json,
    Resource,
    deployed,
    listed,
    statements,
)
from tests.infrastructure.test_member import member

STACK = deployed()
POLICIES = ROOT / "docs/policies"
GENERATED = "1A2B3C4D5E6F"  # what CloudFormation appends to names of its own making
LARGEST_SCP = 5120  # bytes (AWS Organizations user guide, quotas; long the limit, since raised)

# The resource of a template whose policy has the same grammar: cfn-lint knows actions and elements.
CARRIERS: dict[str, Json] = {
    "scp-keep-pitr.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "scp-keep-guardian.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "scp-members.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "kms-key.json": {"Type": "AWS::KMS::Key", "KeyPolicy": None},
    "alert-queue.json": {
        "Type": "AWS::SQS::QueuePolicy",
        "Queues": [f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/guardian-alerts"],
        "PolicyDocument": None,
    },
    # But for its principal: of a bus's policy cfn-lint asks nothing.
    "request-bus.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "operator-exempt.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "operator-read.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "operator-restore.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
    "operator-undo.json": {"Type": "AWS::IAM::ManagedPolicy", "PolicyDocument": None},
}


SCPS = [name for name in CARRIERS if name.startswith("scp-")]


def policy(name: str) -> Json:
    document: Json = json.loads((POLICIES / name).read_text())
    return document


def statement(name: str, sid: str) -> Json:
    found: Json = next(each for each in policy(name)["Statement"] if each["Sid"] == sid)
    return found


def complaints(document: Json, carrier: Json) -> list[Any]:
    """What cfn-lint has to say about a policy."""
    # As long to import as all that is collected in this suite, and every process collects it.
    from cfnlint.api import lint  # noqa: PLC0415

    if carrier["Type"] == "AWS::IAM::ManagedPolicy":
        for each in document["Statement"]:
            each.pop("Principal", None)
    properties = {
        key: document if value is None else value for key, value in carrier.items() if key != "Type"
    }
    resource = {"Type": carrier["Type"], "Properties": properties}
    matches: list[Any] = lint(json.dumps({"Resources": {"Carrier": resource}}))
    return matches


def matched(arn: str, patterns: list[str]) -> bool:
    return any(fnmatchcase(arn, pattern) for pattern in patterns)


@pytest.mark.parametrize("path", sorted(POLICIES.iterdir()), ids=lambda path: path.name)
def test_a_policy_is_valid(path: Path) -> None:
    assert complaints(policy(path.name), CARRIERS[path.name]) == []


@pytest.mark.parametrize("name", CARRIERS)
def test_a_policy_with_a_misspelt_action_would_be_noticed(name: str) -> None:
    document = policy(name)
    service = listed(document["Statement"][0]["Action"])[0].partition(":")[0]
    document["Statement"][0]["Action"] = [f"{service}:DoesNotExist"]
    assert complaints(document, CARRIERS[name])


@pytest.mark.parametrize("name", SCPS)
def test_an_scp_has_the_grammar_and_the_size_of_one(name: str) -> None:
    assert len((POLICIES / name).read_bytes()) < LARGEST_SCP
    for each in policy(name)["Statement"]:
        assert each["Effect"] == "Deny"
        assert not {"Principal", "NotPrincipal"} & each.keys()
        assert "aws:PrincipalArn" in each["Condition"]["ArnNotLike"]


@pytest.mark.parametrize("name", ["scp-keep-pitr.json", "scp-members.json"])
def test_the_scp_spares_exactly_the_roles_that_switch_pitr_on(name: str) -> None:
    spared = statement(name, "KeepPitr")["Condition"]["ArnNotLike"]
    spared = spared["aws:PrincipalArn"]
    for role in STACK.of_type("AWS::IAM::Role"):
        path = role.properties.get("Path", "/")
        arn = f"arn:aws:iam::{ACCOUNT}:role{path}{role.stack}-{role.id}-{GENERATED}"
        switches = any(
            "dynamodb:UpdateContinuousBackups" in listed(each["Action"])
            for each in statements(role)
        )
        assert matched(arn, spared) is switches, role.id


def arn_of(resource: Resource) -> str | None:
    """The ARN that a resource will have; None for what the SCP needn't know."""
    made = f"{resource.stack}-{resource.id}-{GENERATED}"
    properties = resource.properties
    match resource.type:
        case "AWS::Events::Rule":
            bus = STACK[properties["EventBusName"]] if "EventBusName" in properties else None
            rule = properties.get("Name", made)
            rule = f"{bus.properties['Name']}/{rule}" if bus else rule
            return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"
        case "AWS::Events::EventBus":
            return f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{properties['Name']}"
        case "AWS::Lambda::Function":
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{properties['FunctionName']}"
        case "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role{properties.get('Path', '/')}{made}"
        case "AWS::SQS::Queue":
            return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{properties['QueueName']}"
        case "AWS::SNS::Topic":
            return f"arn:aws:sns:{REGION}:{ACCOUNT}:{properties['TopicName']}"
        case "AWS::Scheduler::Schedule":
            return f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{made}"
        case "AWS::CloudWatch::Alarm":
            return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{properties['AlarmName']}"
        case "AWS::StepFunctions::StateMachine":
            machine = properties["StateMachineName"]
            return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{machine}"
        case "AWS::DynamoDB::Table":
            return f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{made}"
        case "AWS::CloudFormation::Stack":
            name = f"{resource.stack}-{resource.id}-{GENERATED}"
            return f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/1a2b"
        case _:
            return None


ARNS = {each.id: arn for each in STACK.resources.values() if (arn := arn_of(each))}


@pytest.mark.parametrize("resource", ARNS)
def test_the_scp_keeps_the_guardian_as_it_is(resource: str) -> None:
    kept = statement("scp-keep-guardian.json", "KeepTheGuardian")["Resource"]
    roles = statement("scp-keep-pitr.json", "KeepTheRolesThatAreSpared")["Resource"]
    assert matched(ARNS[resource], [*kept, *roles]), ARNS[resource]


def test_the_scp_of_members_keeps_all_that_makes_a_member() -> None:
    kept = [
        arn
        for sid in ("KeepTheRoles", "KeepTheRules")
        for arn in statement("scp-members.json", sid)["Resource"]
    ]
    stack = "StackSet-pitr-guardian-member-1a2b"  # what StackSets call it
    for each in member().resources.values():
        name = each.properties.get("RoleName") or each.properties.get("Name")
        of = f"events:{REGION}" if each.type == "AWS::Events::Rule" else "iam:"
        kind = each.type.rpartition("::")[2].lower()
        arn = f"arn:aws:{of}:{ACCOUNT}:{kind}/{name or f'{stack}-{each.id}-{GENERATED}'}"
        assert matched(arn, kept), arn
    assert matched(f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack}/1a2b", kept)


def test_the_scp_of_members_spares_the_role_that_the_guardian_assumes() -> None:
    spared = statement("scp-members.json", "KeepPitr")["Condition"]["ArnNotLike"]
    role = member()["MemberRole"].properties["RoleName"]
    assert matched(f"arn:aws:iam::{ACCOUNT}:role/{role}", spared["aws:PrincipalArn"])
    assert not matched(f"arn:aws:iam::{ACCOUNT}:role/other/{role}", spared["aws:PrincipalArn"])


def test_the_scp_leaves_subscribers_of_facts_their_rules() -> None:
    kept = statement("scp-keep-guardian.json", "KeepTheGuardian")["Resource"]
    assert not matched(f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{NAME}-facts/pager", kept)


def test_the_key_lets_every_service_in_that_sends_to_a_queue() -> None:
    senders = {
        each["Principal"]["Service"]
        for queue_policy in STACK.of_type("AWS::SQS::QueuePolicy")
        for each in statements(queue_policy)
        if "Service" in each["Principal"]
    }
    served = {
        each["Principal"]["Service"]
        for each in policy("kms-key.json")["Statement"]
        if each["Principal"].get("Service")
        and set(each["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey"}
    }
    assert senders <= served


OPERATORS = [name for name in CARRIERS if name.startswith("operator-")]


def test_the_operators_policies_have_what_the_commands_are_said_to_need_and_no_more() -> None:
    """That the commands need no more is tested with these very policies (tests/e2e/cli)."""
    rights = (ROOT / "docs/cli.md").read_text().partition("## Rights")[2]
    rows = [line for line in rights.splitlines() if line.startswith("|")]
    said = set(re.findall(r"`([a-z0-9]+:[A-Za-z]+)`", "".join(rows)))
    given = {
        action
        for name in OPERATORS
        for each in policy(name)["Statement"]
        for action in listed(each["Action"])
    }
    assert said == given


@pytest.mark.parametrize(
    ("name", "sid", "resources"),
    [
        ("operator-read.json", "ReadTheLedger", ["Ledger"]),
        ("operator-read.json", "LookAtSubscribers", ["AlertTopic"]),
        ("operator-read.json", "LookAtTheEnforcingFunction", ["EnforceFunction"]),
        ("operator-read.json", "AskWhatItMayDo", ["EnforceRole"]),
        (
            "operator-read.json",
            "LookAtQueues",
            ["EnforcementQueue", "EnforcementDeadLetterQueue", "UndeliveredQueue"],
        ),
        (
            "operator-read.json",
            "FollowWorkflows",
            ["RestoreStateMachine", "SweepStateMachine", "PlanStateMachine", "ApplyStateMachine"],
        ),
        ("operator-restore.json", "AskForRestores", ["RequestBus"]),
        ("operator-restore.json", "Sweep", ["SweepStateMachine"]),
        ("operator-undo.json", "AskForUndos", ["RequestBus"]),
    ],
)
def test_the_operators_policies_name_the_stacks_resources(
    name: str, sid: str, resources: list[str]
) -> None:
    given = listed(statement(name, sid)["Resource"])
    patterns = [each.replace("111122223333", ACCOUNT) for each in given]
    for resource in resources:
        assert resource not in ARNS or matched(ARNS[resource], patterns), resource
    assert any(resource in ARNS for resource in resources)

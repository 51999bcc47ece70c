"""organization/member.yaml: what a member tells the guardian, and what it lets it do."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
import yaml
from moto.events.models import EventPattern

from tests.infrastructure.rights.granted import differences, grants_of, kind_of
from tests.infrastructure.rights.needed import needed_by_role
from tests.infrastructure.rights.wired import Right
from tests.infrastructure.stack import (
    REGION,
    ROOT,
    Json,
    Resource,
    Stack,
    deployed,
    deployed_alone,
    statements,
)
from tests.infrastructure.test_rules import EVENTS, ROUTES, UNMATCHED, WATCHING, read, unrolled

PATH = "organization/member.yaml"
GUARDIAN, MEMBER, NAME = "111122223333", "444455556666", "pitr-guardian"
ALL = {"AllowRestores": "true", "AllowUndo": "true"}
ALWAYS = ("enforce", "audit", "check-trail", "accept")

# The roles of the guardian that work in members, and which parameter lets them.
GUARDING = ("EnforceRole", "AuditRole", "CheckTrailRole")
RESTORING = (
    *("AcceptRestoreRole", "SurveySettingsRole", "StartRestoreRole", "CheckRestoreRole"),
    "CarrySettingsRole",
)
UNDOING = (
    *("AcceptUndoRole", "StartExportsRole", "CheckExportsRole", "PlanShardRole"),
    *("ApproveUndoRole", "ApplyPartRole", "VerifyPartRole"),
)
DRILLING = (  # besides RestoreCopyRole and the like, those that read, and those that remove
    *("AcceptDrillRole", "DueDrillsRole", "StartDrillExportsRole", "CheckDrillExportsRole"),
    *("RestoreCopyRole", "CheckCopyRole", "RemoveCopyRole", "AbandonedDrillRole"),
    *("SampleItemsRole", "ReadItemsRole", "SettleItemsRole", "CompareStructuresRole"),
)
# What is of a table's account; all other kinds are the guardian's own.
OF_THE_MEMBER = {
    *("alarm", "alarm of a restored table", "alarm of a scaling policy", "backup", "export"),
    *("index", "key", "Kinesis stream", "scalable target", "table", "trail"),
}
# Actions without resources that are the guardian's own.
AT_HOME = re.compile(r"(xray|logs):.*")


def member(
    account: str = MEMBER, region: str = REGION, stack: str = NAME, **parameters: str
) -> Stack:
    inbox = f"arn:aws:events:{REGION}:{GUARDIAN}:event-bus/{stack}-inbox"
    given = {"GuardianAccountId": GUARDIAN, "InboxBusArn": inbox, "MainRegion": REGION}
    return deployed_alone(PATH, "member", account=account, region=region, **{**given, **parameters})


# -- the template -----------------------------------------------------------------------------


def text() -> str:
    return (ROOT / PATH).read_text()


def test_it_is_plain_cloudformation_that_a_stack_set_takes() -> None:
    assert "Transform" not in deployed_template()
    tokens = list(yaml.scan(text()))
    assert not [each for each in tokens if isinstance(each, yaml.AliasToken | yaml.AnchorToken)]
    assert len(text().splitlines()) < 250
    assert len(text().encode()) < 51_200  # of a TemplateBody (CloudFormation quotas)
    assert {each["Type"] for each in deployed_template()["Resources"].values()} == {
        "AWS::Events::Rule",
        "AWS::IAM::Role",
    }


def deployed_template() -> Json:
    class Loader(yaml.SafeLoader):
        """Reads intrinsic functions as whatever stands behind them."""

    def construct(loader: Any, _: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return loader.construct_scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_mapping(node, deep=True)

    Loader.add_multi_constructor("!", construct)
    template: Json = yaml.load(text(), Loader)  # noqa: S506  # a SafeLoader it is
    return template


def test_its_parameters_are_those_of_the_contract() -> None:
    parameters = deployed_template()["Parameters"]
    assert {name: each.get("Default") for name, each in parameters.items()} == {
        "GuardianAccountId": None,
        "InboxBusArn": None,
        "MainRegion": None,
        "MemberRoleName": "PitrGuardianMember",
        "AllowRestores": "false",
        "AllowUndo": "false",
    }


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("GuardianAccountId", ["111122223333"], ["", "o-1234567890", "11112222333"]),
        (
            "InboxBusArn",
            ["arn:aws-cn:events:cn-north-1:111122223333:event-bus/my-inbox-guardian-inbox"],
            ["", "arn:aws:events:eu-central-1:111122223333:event-bus/default"],
        ),
        ("MainRegion", ["eu-central-1", "us-gov-west-1", "eusc-de-east-1"], ["", "Frankfurt"]),
        ("MemberRoleName", ["PitrGuardianMember"], ["", "path/role"]),
    ],
)
def test_a_parameter_that_cannot_be_is_refused(name: str, good: list[str], bad: list[str]) -> None:
    pattern = re.compile(deployed_template()["Parameters"][name]["AllowedPattern"])
    assert [value for value in good if not pattern.fullmatch(value)] == []
    assert [value for value in bad if pattern.fullmatch(value)] == []


# -- what it tells ----------------------------------------------------------------------------


def alternatives(detail: Json) -> Iterator[str]:
    """What a pattern's detail matches, without its choices, each as text to compare."""
    common = {key: value for key, value in detail.items() if key not in {"$or", "eventName"}}
    for choice in detail.get("$or", [{}]):
        whole = {**common, **choice}
        for name in choice.get("eventName") or detail["eventName"]:
            yield json.dumps({**whole, "eventName": name}, sort_keys=True)


def without_tag_keys(pattern: Json) -> Json:
    """Home knows which tags matter; a member tells of all."""
    if "TagResource" in pattern["detail"]["eventName"]:
        detail = {key: value for key, value in pattern["detail"].items() if key != "$or"}
        return {**pattern, "detail": detail}
    return pattern


def rule(stack: Stack, name: str) -> Json:
    pattern: Json = stack[name].properties["EventPattern"]
    return pattern


def test_it_forwards_what_the_guardian_watches_at_home_and_nothing_else() -> None:
    home = [without_tag_keys(rule(deployed(), name)) for name in sorted(WATCHING)]
    away = rule(member(), "TablesRule")
    for pattern in home:
        assert pattern.keys() == away.keys()
        assert (pattern["source"], pattern["detail-type"]) == (away["source"], away["detail-type"])
    at_home = sorted(itertools.chain(*(alternatives(each["detail"]) for each in home)))
    assert sorted(alternatives(away["detail"])) == at_home


def forwards(event: Json) -> bool:
    pattern = EventPattern.load(json.dumps(rule(member(), "TablesRule")))
    return any(pattern.matches_event(variant) for variant in unrolled(event))


@pytest.mark.parametrize("name", [name for name, (_, to) in ROUTES.items() if to in WATCHING])
def test_an_event_that_wakes_the_guardian_at_home_is_forwarded(name: str) -> None:
    assert forwards(read(EVENTS / name))


@pytest.mark.parametrize("name", UNMATCHED)
def test_an_event_that_is_nobodys_business_stays_but_for_tags(name: str) -> None:
    event = read(EVENTS / "unmatched" / name)
    about_tags = (event.get("detail") or {}).get("eventName") in {"TagResource", "UntagResource"}
    refused = "errorCode" in (event.get("detail") or {})
    of_dynamodb = event["source"] == "aws.dynamodb"
    assert forwards(event) == (about_tags and of_dynamodb and not refused)


def test_everything_goes_to_the_inbox_and_nowhere_else() -> None:
    stack = member()
    inbox = f"arn:aws:events:{REGION}:{GUARDIAN}:event-bus/{NAME}-inbox"
    for each in stack.of_type("AWS::Events::Rule"):
        [target] = each.properties["Targets"]
        assert target == {"Id": "Inbox", "Arn": inbox, "RoleArn": "ForwardRole.Arn"}
    [only] = statements(stack["ForwardRole"])
    assert (only["Action"], only["Resource"]) == ("events:PutEvents", inbox)


def test_a_heartbeat_says_every_hour_that_it_is_there() -> None:
    assert member()["HeartbeatRule"].properties["ScheduleExpression"] == "rate(1 hour)"


def test_rules_of_two_guardians_have_names_of_their_own() -> None:
    names = [
        each.properties["Name"]
        for stack in ("pitr-guardian", "another")
        for each in member(stack=stack).of_type("AWS::Events::Rule")
    ]
    assert sorted(names) == [
        "another-inbox-heartbeat",
        "another-inbox-tables",
        "pitr-guardian-inbox-heartbeat",
        "pitr-guardian-inbox-tables",
    ]


def test_only_eventbridge_forwards_and_only_for_rules_of_the_account() -> None:
    [trust] = trusted(member()["ForwardRole"])
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": MEMBER}}


# -- whom it lets in --------------------------------------------------------------------------


def trusted(role: Resource) -> list[Json]:
    document: list[Json] = role.properties["AssumeRolePolicyDocument"]["Statement"]
    return document


def test_the_role_is_made_once_per_account_and_not_in_the_guardians_own() -> None:
    assert member().has("MemberRole", "AWS::IAM::Role")
    assert not member(region="eu-west-1").has("MemberRole", "AWS::IAM::Role")
    assert not member(account=GUARDIAN, region="eu-west-1", MainRegion="eu-west-1").has(
        "MemberRole", "AWS::IAM::Role"
    )


@pytest.mark.parametrize(
    ("parameters", "jobs"),
    [
        ({}, ALWAYS),
        ({"AllowRestores": "true"}, (*ALWAYS, "restore", "drill")),
        ({"AllowUndo": "true"}, (*ALWAYS, "undo")),
        (ALL, (*ALWAYS, "restore", "drill", "undo")),
    ],
)
@pytest.mark.parametrize("stack", [NAME, "my-inbox-guardian"])
def test_it_trusts_the_guardians_roles_by_their_paths_in_its_own_organization(
    parameters: dict[str, str], jobs: Iterable[str], stack: str
) -> None:
    [trust] = trusted(member(stack=stack, **parameters)["MemberRole"])
    assert (trust["Effect"], trust["Action"]) == ("Allow", "sts:AssumeRole")
    assert trust["Principal"] == {"AWS": f"arn:aws:iam::{GUARDIAN}:root"}
    assert trust["Condition"]["StringEquals"] == {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}
    of = f"arn:aws:iam::{GUARDIAN}:role/pitr-guardian/{stack}/{REGION}"
    named = set(trust["Condition"]["ArnLike"]["aws:PrincipalArn"])
    not_allowed = {each for each in named if "-not-allowed/" in each}
    assert named - not_allowed == {f"{of}/{job}/*" for job in jobs}
    assert trust["Condition"].keys() == {"StringEquals", "ArnLike"}


def test_every_role_of_the_guardian_that_works_in_members_has_a_path_that_they_trust() -> None:
    own = deployed(OrganizationId="o-1234567890").of_type("AWS::IAM::Role")
    at = f"arn:aws:iam::{GUARDIAN}:role"
    paths = {role.id: str(role.properties.get("Path", "/")) for role in own}
    [trust] = trusted(member(**ALL)["MemberRole"])
    patterns = trust["Condition"]["ArnLike"]["aws:PrincipalArn"]
    let_in = {
        id_
        for id_, path in paths.items()
        if any(fnmatchcase(f"{at}{path}{id_}", pattern) for pattern in patterns)
    }
    assert let_in == {id_ for id_, path in paths.items() if path != "/"}
    assert let_in >= {*GUARDING, *RESTORING, *UNDOING, *DRILLING}
    entering = {
        role.id for role in own for each in statements(role) if each.get("Sid") == "EnterMembers"
    }
    assert let_in == entering


def test_the_trust_policy_is_short_enough_for_any_stacks_name() -> None:
    longest = "a" * 59  # EventBridge's names have 64 characters, and `-inbox` is behind it
    document = member(stack=longest, **ALL)["MemberRole"].properties["AssumeRolePolicyDocument"]
    # IAM quotas: role trust policy length, white space apart.
    assert len(json.dumps(document, separators=(",", ":"))) <= 2048


@pytest.mark.parametrize("parameters", [{}, ALL])
def test_its_tags_say_what_it_allows(parameters: dict[str, str]) -> None:
    tags = {
        each["Key"]: each["Value"] for each in member(**parameters)["MemberRole"].properties["Tags"]
    }
    said = "true" if parameters else "false"
    assert tags == {"pitr-guardian:allow-restores": said, "pitr-guardian:allow-undo": said}


# -- what it lets do --------------------------------------------------------------------------


def needed(roles: Iterable[str]) -> set[Right]:
    """What these roles of the guardian need of the account that a table is in."""
    by_role = needed_by_role(deployed())
    found = set()
    for role in roles:
        for right in by_role[role]:
            if right.on in OF_THE_MEMBER or (
                right.on == "everything" and not AT_HOME.fullmatch(right.action)
            ):
                found.add(right)
        # Exports are written with the rights of who asks for them.
        if role in {"StartExportsRole", "StartDrillExportsRole"}:
            found |= {
                right
                for right, why in by_role[role].items()
                if right.on == "undos" and any("export's files" in each for each in why)
            }
    return found


def granted(**parameters: str) -> set[Right]:
    found = set()
    for statement in statements(member(**parameters)["MemberRole"]):
        for grant in grants_of(statement):
            found.add(Right(grant.action, kind_here(grant.resource)))
    return found


def kind_here(resource: str) -> str:
    others = {
        f"arn:aws:iam::{MEMBER}:role/PitrGuardianMember": "itself",
        "arn:aws:s3:::*/undos/*": "undos",
        f"arn:aws:s3:::*/work/exports/{MEMBER}/*": "undos",
        f"arn:aws:kms:*:{GUARDIAN}:key/*": "the guardian's key",
    }
    return others.get(resource) or kind_of(resource)


OWN = {Right("iam:ListRoleTags", "itself")}
OF_EXPORTS = {
    Right(f"kms:{action}", "the guardian's key") for action in ("Decrypt", "GenerateDataKey")
}


@pytest.mark.parametrize(
    ("parameters", "roles", "besides"),
    [
        ({}, GUARDING, OWN),
        ({"AllowRestores": "true"}, (*GUARDING, *RESTORING, *DRILLING), OWN | OF_EXPORTS),
        ({"AllowUndo": "true"}, (*GUARDING, *UNDOING), OWN | OF_EXPORTS),
        (ALL, (*GUARDING, *RESTORING, *UNDOING, *DRILLING), OWN | OF_EXPORTS),
    ],
    ids=["guarding", "restores", "undos", "all"],
)
def test_the_guardian_may_do_what_its_roles_need_and_nothing_else(
    parameters: dict[str, str], roles: tuple[str, ...], besides: set[Right]
) -> None:
    assert differences(needed(roles) | besides, granted(**parameters)) == []


@pytest.mark.parametrize("parameters", [{}, ALL])
def test_what_it_may_do_is_in_this_account(parameters: dict[str, str]) -> None:
    elsewhere = {"kms", "cloudtrail", "s3"}  # keys and trails may be another account's
    for statement in statements(member(**parameters)["MemberRole"]):
        for grant in grants_of(statement):
            if grant.resource == "*" or grant.resource.split(":")[2] in elsewhere:
                continue
            assert grant.resource.split(":")[4] == MEMBER


def test_the_guardians_bucket_is_the_only_one_that_it_may_write_to() -> None:
    to_buckets = [
        each for each in statements(member(**ALL)["MemberRole"]) if "s3:PutObject" in each["Action"]
    ]
    assert len(to_buckets) == 2  # of undos, and of drills
    for each in to_buckets:
        assert each["Condition"] == {"StringEquals": {"aws:ResourceAccount": GUARDIAN}}


def test_nothing_but_copies_of_drills_can_be_deleted() -> None:
    deletable = {
        grant.resource
        for statement in statements(member(**ALL)["MemberRole"])
        for grant in grants_of(statement)
        if grant.action == "dynamodb:DeleteTable"
    }
    assert deletable == {f"arn:aws:dynamodb:*:{MEMBER}:table/pitr-guardian-drill-*"}

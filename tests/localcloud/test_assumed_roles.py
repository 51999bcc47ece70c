"""Roles of other accounts: whom they trust, what a session may, and how long."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import NUMBERS, Account
from tests.localcloud.errors import refused

TRUSTING = "Member"


@pytest.fixture
def home(cloud: LocalCloud) -> Iterator[Account]:
    """The account whose roles want to work in another."""
    account = Account(cloud, f"{next(NUMBERS):012d}")
    cloud.organization.join(account.account_id)
    yield account
    cloud.organization.leave(account.account_id)


@pytest.fixture
def member(cloud: LocalCloud) -> Iterator[Account]:
    account = Account(cloud, f"{next(NUMBERS):012d}")
    cloud.organization.join(account.account_id)
    yield account
    cloud.organization.leave(account.account_id)


def worker(account: Account, path: str = "/guardian/enforce/", **conditions: Any) -> dict[str, str]:
    """Credentials of a session of a new role that may assume the role of any account."""
    iam, name = account.client("iam"), f"worker-{next(NUMBERS)}"
    root = {"AWS": f"arn:aws:iam::{account.account_id}:root"}
    trust = {"Effect": "Allow", "Principal": root, "Action": "sts:AssumeRole"}
    may = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": f"arn:aws:iam::*:role/{TRUSTING}",
        "Condition": conditions,
    }
    created = iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document(trust))
    iam.put_role_policy(RoleName=name, PolicyName="assume", PolicyDocument=document(may))
    return assumed(account.client("sts"), created["Role"]["Arn"])


def trusting(account: Account, home: Account, path: str = "/", **conditions: Any) -> str:
    """ARN of a role that lets roles of `home` switch PITR."""
    iam = account.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{home.account_id}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "ArnLike": {
                "aws:PrincipalArn": f"arn:aws:iam::{home.account_id}:role/guardian/enforce/*"
            },
            **conditions,
        },
    }
    created = iam.create_role(
        RoleName=TRUSTING, Path=path, AssumeRolePolicyDocument=document(trust)
    )
    may = {"Effect": "Allow", "Action": "dynamodb:Update*", "Resource": "*"}
    iam.put_role_policy(RoleName=TRUSTING, PolicyName="switch", PolicyDocument=document(may))
    arn: str = created["Role"]["Arn"]
    return arn


def document(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def assumed(sts: Any, role: str, **more: Any) -> dict[str, str]:
    found = sts.assume_role(RoleArn=role, RoleSessionName="of-the-test", **more)["Credentials"]
    return {
        "access_key": found["AccessKeyId"],
        "secret_key": found["SecretAccessKey"],
        "session_token": found["SessionToken"],
    }


def test_a_session_works_in_the_roles_account_with_the_roles_rights(
    home: Account, member: Account
) -> None:
    table = member.active_table()
    role = trusting(member, home)
    session = assumed(home.client("sts", **worker(home)), role)
    dynamodb = member.client("dynamodb", **session)
    dynamodb.update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    with refused("AccessDeniedException"):
        dynamodb.delete_table(TableName=table)
    record = member.record("UpdateContinuousBackups")
    assert record["recipientAccountId"] == member.account_id
    assert record["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role
    assert home.records() == []


def test_a_path_that_the_role_does_not_trust_is_refused(home: Account, member: Account) -> None:
    role = trusting(member, home)
    with refused("AccessDenied"):
        assumed(home.client("sts", **worker(home, "/guardian/other/")), role)


def test_another_account_is_refused_whatever_its_roles_are_called(
    home: Account, member: Account, cloud: LocalCloud
) -> None:
    stranger = Account(cloud, f"{next(NUMBERS):012d}")
    role = trusting(member, home)
    with refused("AccessDenied"):
        assumed(stranger.client("sts", **worker(stranger)), role)


@pytest.mark.parametrize("expected", ["o-localcloud", "${aws:ResourceOrgID}"])
def test_a_role_may_trust_its_own_organization_only(
    home: Account, member: Account, expected: str
) -> None:
    role = trusting(member, home, StringEquals={"aws:PrincipalOrgID": expected})
    sts = home.client("sts", **worker(home))
    assumed(sts, role)
    home.cloud.organization.leave(home.account_id)
    with refused("AccessDenied"):
        assumed(sts, role)


def test_a_variable_without_a_value_is_equal_to_nothing(home: Account, member: Account) -> None:
    role = trusting(member, home, StringEquals={"aws:PrincipalOrgID": "${aws:ResourceOrgID}"})
    sts = home.client("sts", **worker(home))
    for account in (home, member):  # both are in none, which is no organization they share
        account.cloud.organization.leave(account.account_id)
    with refused("AccessDenied"):
        assumed(sts, role)


def test_a_principal_may_be_bound_to_roles_of_an_organization(
    home: Account, member: Account
) -> None:
    role = trusting(member, home)
    bound = worker(home, StringEquals={"aws:ResourceOrgID": "o-localcloud"})
    assumed(home.client("sts", **bound), role)
    member.cloud.organization.leave(member.account_id)
    with refused("AccessDenied"):
        assumed(home.client("sts", **bound), role)


def test_a_role_that_is_missing_or_has_another_path_is_refused_alike(
    home: Account, member: Account
) -> None:
    sts = home.client("sts", **worker(home))
    missing = f"arn:aws:iam::{member.account_id}:role/{TRUSTING}"
    with refused("AccessDenied"):
        assumed(sts, missing)
    trusting(member, home, "/elsewhere/")
    with refused("AccessDenied"):
        assumed(sts, missing)


def test_a_session_of_a_session_lasts_an_hour_at_most(home: Account, member: Account) -> None:
    role = trusting(member, home)
    sts = home.client("sts", **worker(home))
    assumed(sts, role, DurationSeconds=3600)
    with refused("ValidationError"):
        assumed(sts, role, DurationSeconds=3601)


def test_a_policy_names_a_role_by_its_whole_arn(home: Account) -> None:
    iam = home.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    policy = document({**trust, "Action": "sts:AssumeRole"})
    for path in ("/of/", "/"):
        name = f"role{path.replace('/', '-')}"
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=policy)
    roles = f"arn:aws:iam::{home.account_id}:role/of/*"
    reader = home.client("iam", **home.user({"Action": "iam:ListRoleTags", "Resource": roles}))
    reader.list_role_tags(RoleName="role-of-")
    with refused("AccessDenied"):
        reader.list_role_tags(RoleName="role-")


def test_what_a_role_with_a_path_may_do_can_be_simulated(home: Account) -> None:
    iam = home.client("iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}
    role = iam.create_role(
        RoleName="simulated",
        Path="/guardian/enforce/",
        AssumeRolePolicyDocument=document({**trust, "Action": "sts:AssumeRole"}),
    )["Role"]["Arn"]
    may = {"Effect": "Allow", "Action": "dynamodb:ListTables", "Resource": "*"}
    iam.put_role_policy(RoleName="simulated", PolicyName="may", PolicyDocument=document(may))
    answer = iam.simulate_principal_policy(
        PolicySourceArn=role, ActionNames=["dynamodb:ListTables", "dynamodb:DeleteTable"]
    )
    decisions = [each["EvalDecision"] for each in answer["EvaluationResults"]]
    assert decisions == ["allowed", "implicitDeny"]

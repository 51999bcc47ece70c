"""The organization that accounts are in: who may list them, and how many at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import NUMBERS, Account
from tests.localcloud.errors import refused

LIST = {"Action": "organizations:ListAccounts", "Resource": "*"}


@pytest.fixture
def member(cloud: LocalCloud) -> Iterator[Account]:
    account = Account(cloud, f"{next(NUMBERS):012d}")
    cloud.organization.join(account.account_id, "shop")
    yield account
    cloud.organization.leave(account.account_id)


def names(organizations: Any) -> dict[str, str]:
    pages = organizations.get_paginator("list_accounts").paginate()
    return {account["Id"]: account["Name"] for page in pages for account in page["Accounts"]}


def test_every_member_knows_its_organization(member: Account) -> None:
    described = member.client("organizations").describe_organization()["Organization"]
    assert described["Id"] == member.cloud.organization.id


def test_an_account_that_is_in_none_is_told_so(aws: Account) -> None:
    for asked in ("describe_organization", "list_accounts"):
        with refused("AWSOrganizationsNotInUseException"):
            getattr(aws.client("organizations"), asked)()


def test_the_management_account_lists_the_accounts(member: Account) -> None:
    management = Account(member.cloud, member.cloud.organization.management)
    assert names(management.client("organizations"))[member.account_id] == "shop"


def test_a_delegated_administrator_does_too_and_others_do_not(member: Account) -> None:
    caller = member.client("organizations", **member.user(LIST))
    with refused("AccessDeniedException"):
        names(caller)
    member.cloud.organization.delegate(member.account_id)
    assert names(caller) == dict(member.cloud.organization.accounts)


def test_whoever_may_not_list_is_refused_by_iam(member: Account) -> None:
    member.cloud.organization.delegate(member.account_id)
    with refused("AccessDeniedException", "organizations:ListAccounts"):
        names(member.client("organizations", **member.user()))


def test_accounts_come_twenty_a_page(member: Account) -> None:
    organization = member.cloud.organization
    organization.delegate(member.account_id)
    many = [f"7{number:011d}" for number in range(45)]
    for account in many:
        organization.join(account)
    try:
        client = member.client("organizations")
        assert len(client.list_accounts()["Accounts"]) == 20
        assert set(many) < names(client).keys()
    finally:
        for account in many:
            organization.leave(account)


@pytest.mark.parametrize("owner", ["theirs", "somebody else's"])
def test_a_bucket_is_its_owners_whoever_writes_to_it(
    member: Account, aws: Account, owner: str
) -> None:
    bucket = f"of-{aws.account_id}"
    s3 = aws.client("s3", "us-east-1")
    s3.create_bucket(Bucket=bucket)
    theirs = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{member.account_id}:root"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    account = aws.account_id if owner == "theirs" else member.account_id
    may = {
        "Action": "s3:PutObject",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceAccount": account}},
    }
    writer = member.client("s3", "us-east-1", **member.user(may))
    if owner == "theirs":
        writer.put_object(Bucket=bucket, Key="export", Body=b"")
    else:
        with refused("AccessDenied"):
            writer.put_object(Bucket=bucket, Key="export", Body=b"")

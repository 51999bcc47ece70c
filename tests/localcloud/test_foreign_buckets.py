"""Exports into a bucket of another account: its policy has to let the caller's role write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.localcloud.account import NUMBERS, Account
from tests.localcloud.exports import Exporter
from tests.localcloud.test_assumed_roles import assumed, document

ROLE = "Member"
PLACE = "work/exports"


@pytest.fixture
def accounts(cloud: LocalCloud) -> Iterator[tuple[Account, Account]]:
    """Whose bucket it is, and whose table."""
    pair = (Account(cloud, f"{next(NUMBERS):012d}"), Account(cloud, f"{next(NUMBERS):012d}"))
    for each in pair:
        cloud.organization.join(each.account_id)
    yield pair
    for each in pair:
        cloud.organization.leave(each.account_id)


def let_in(cloud: LocalCloud, owner: Account, **changed: Any) -> str:
    """A bucket that lets roles of the organization write below their accounts' ids."""
    bucket = f"evidence-{owner.account_id}"
    s3 = owner.client("s3")
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name}
    )
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"],
        "Resource": f"arn:aws:s3:::{bucket}/{PLACE}/${{aws:PrincipalAccount}}/*",
        "Condition": {
            "StringEquals": {"aws:PrincipalOrgID": cloud.organization.id},
            "ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{ROLE}"},
        },
    }
    s3.put_bucket_policy(Bucket=bucket, Policy=document({**statement, **changed}))
    return bucket


def exported(account: Account, bucket: str, prefix: str, role: str = ROLE) -> dict[str, Any]:
    """The end of an export by a role of the account, that may do everything there."""
    iam = account.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account.account_id}:root"},
        "Action": "sts:AssumeRole",
    }
    made = iam.create_role(RoleName=role, AssumeRolePolicyDocument=document(trust))["Role"]
    everything = document({"Effect": "Allow", "Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=everything)
    session = assumed(account.client("sts"), made["Arn"])
    exporter = Exporter(account)
    table = account.protected_table()
    account.advance(3600)
    started = exporter.start(
        table,
        caller=account.client("dynamodb", **session),
        S3Bucket=bucket,
        S3BucketOwner=bucket.rpartition("-")[2],
        S3Prefix=prefix,
        ExportType="FULL_EXPORT",
    )
    return exporter.ended(started)


def test_a_role_that_the_policy_names_writes_below_its_account(
    cloud: LocalCloud, accounts: tuple[Account, Account]
) -> None:
    owner, member = accounts
    bucket = let_in(cloud, owner)
    ended = exported(member, bucket, f"{PLACE}/{member.account_id}/d-1")
    assert ended["ExportStatus"] == "COMPLETED", ended["FailureMessage"]


@pytest.mark.parametrize(
    ("prefix", "role", "changed"),
    [
        (f"{PLACE}/222222222222/d-1", ROLE, {}),
        ("work/d-1/{account}", ROLE, {}),
        (f"{PLACE}/{{account}}/d-1", "Another", {}),
        (f"{PLACE}/{{account}}/d-1", ROLE, {"Effect": "Deny"}),
        (
            f"{PLACE}/{{account}}/d-1",
            ROLE,
            {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-another"}}},
        ),
    ],
    ids=["another's folder", "no exports", "another role", "denied", "another organization"],
)
def test_nobody_else_writes_anything(
    cloud: LocalCloud,
    accounts: tuple[Account, Account],
    prefix: str,
    role: str,
    changed: dict[str, Any],
) -> None:
    owner, member = accounts
    bucket = let_in(cloud, owner, **changed)
    ended = exported(member, bucket, prefix.format(account=member.account_id), role)
    assert (ended["ExportStatus"], ended["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert "Contents" not in owner.client("s3").list_objects_v2(Bucket=bucket)

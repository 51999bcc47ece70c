"""Members from their first heartbeat on: births and drift are the guardian's at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import ROLE, Member
from tests.e2e.waiting import eventually

SCP = Path(__file__).parents[3] / "docs/policies/scp-members.json"
MEMBERS = ["shop", "shop_elsewhere", "bank", "own_elsewhere"]


@pytest.fixture(params=MEMBERS)
def member(request: pytest.FixtureRequest) -> Member:
    """Each kind: in the guardian's region and elsewhere, of other accounts and its own."""
    found: Member = request.getfixturevalue(request.param)
    return found


def place(fact: Any) -> tuple[str, str]:
    return fact["table"]["account"], fact["table"]["region"]


def test_a_table_is_protected_at_its_birth_and_put_right_when_somebody_switches_it_off(
    guardian: Headquarters, member: Member
) -> None:
    table = member.create_table()
    born = guardian.told_of(member.arn(table), "Table Protected")
    assert place(born) == (member.account, member.region)
    assert member.pitr(table) == "ENABLED"
    guardian.settle()

    member.switch(table, on=False)
    repaired = guardian.told_of(member.arn(table), "PITR Re-enabled")
    assert place(repaired) == (member.account, member.region)
    assert repaired["actor"]["arn"] == f"arn:aws:iam::{member.account}:root"
    assert repaired["recoveryPeriodInDays"] == 35
    assert member.pitr(table) == "ENABLED"


def test_a_name_in_two_places_is_two_tables(
    guardian: Headquarters, shop: Member, shop_elsewhere: Member, bank: Member
) -> None:
    everywhere = (shop, shop_elsewhere, bank)
    name = guardian.protected_table_of(shop)
    for member in (shop_elsewhere, bank):
        guardian.protected_table_of(member, TableName=name)
    bank.switch(name, on=False)
    guardian.told_of(bank.arn(name), "PITR Re-enabled")
    guardian.settle()
    for member in everywhere:
        assert member.pitr(name) == "ENABLED"
    for member in (shop, shop_elsewhere):
        assert [fact.detail_type for fact in guardian.of_table(member.arn(name))] == [
            "Table Protected"
        ]


def test_tags_of_members_count(guardian: Headquarters, bank: Member) -> None:
    table = guardian.protected_table_of(bank)
    bank.client("dynamodb").tag_resource(
        ResourceArn=bank.arn(table),
        Tags=[{"Key": "pitr-guardian:exempt", "Value": "2099-12-31"}],
    )
    guardian.settle()
    bank.switch(table, on=False)
    tolerated = guardian.told_of(bank.arn(table), "Drift Tolerated")
    assert place(tolerated) == (bank.account, bank.region)
    bank.client("dynamodb").untag_resource(
        ResourceArn=bank.arn(table), TagKeys=["pitr-guardian:exempt"]
    )
    eventually(lambda: bank.pitr(table) == "ENABLED", "the exemption's end is acted upon")


def test_a_deletion_is_told_with_the_backup_that_is_left(
    guardian: Headquarters, shop: Member
) -> None:
    table = guardian.protected_table_of(shop)
    shop.client("dynamodb").delete_table(TableName=table)
    deleted = guardian.told_of(shop.arn(table), "Table Deleted")
    assert deleted["backupArn"].startswith(shop.arn(table))


def test_a_member_joins_once(guardian: Headquarters, bank: Member) -> None:
    for _ in range(3):
        bank.beat(guardian.inbox)
    guardian.settle()
    [joined] = guardian.of_member(bank, "Member Joined")
    assert (joined["account"], joined["region"]) == (bank.account, bank.region)


def test_an_alert_may_be_filtered_by_account(
    guardian: Headquarters, bank: Member, shop: Member
) -> None:
    pager = guardian.subscribe(FilterPolicy=f'{{"account": ["{bank.account}"]}}')
    guardian.forget_floods()
    guardian.protected_table_of(shop)
    table = guardian.protected_table_of(bank)
    [message] = eventually(lambda: guardian.take(pager), "the alert of the bank")
    assert table in message["Body"]
    assert guardian.take(pager) == []


def test_alerts_call_an_account_by_its_name_once_a_sweep_has_learnt_it(
    guardian: Headquarters, bank: Member
) -> None:
    pager = guardian.subscribe(FilterPolicy=f'{{"account": ["{bank.account}"]}}')
    guardian.sweep()

    def subject() -> str | None:  # a name that wasn't known is asked for again ten seconds later
        guardian.forget_floods()
        guardian.protected_table_of(bank)
        told = [json.loads(each["Body"]) for each in guardian.take(pager)]
        named = [each for each in told if each["Subject"].endswith("is protected now (bank)")]
        return next((each["Message"] for each in named), None)

    message = json.loads(eventually(subject, "an alert with the account's name"))
    assert message["accountName"] == "bank"
    assert f"Account: bank ({bank.account})" in message["text"]


def test_under_the_published_policy_the_guardian_alone_switches_pitr(
    guardian: Headquarters, bank: Member
) -> None:
    """The embedded AWS has no service control policies. As policies of the callers they say the
    same: a Deny counts wherever it stands."""
    iam, policy = bank.client("iam"), "scp-members"
    administrator = bank.user("*")
    name = administrator.arn.rpartition("/")[2]
    iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=SCP.read_text())
    iam.put_role_policy(RoleName=ROLE, PolicyName=policy, PolicyDocument=SCP.read_text())
    try:
        table = guardian.protected_table_of(bank)
        with pytest.raises(ClientError, match="AccessDenied"):
            bank.switch(table, on=False, caller=administrator)
        with pytest.raises(ClientError, match="AccessDenied"):
            bank.client("events", administrator).disable_rule(Name="pitr-guardian-inbox-tables")
    finally:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=policy)

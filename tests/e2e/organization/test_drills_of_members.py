"""Drills of members' tables, by their ARNs and by their tags, where the member allows restores."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.drills.driller import GOODS, TAG, Driller
from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.organization.conftest import ELSEWHERE, HOME
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import ROLE, Member, policy
from tests.e2e.waiting import eventually

ARCHIVE, BANK, LEAVING = "666666666666", "777777777777", "888888888888"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    log = tmp_path_factory.mktemp("aws-of-members-drills") / "log"
    with embedded_aws(log) as running:
        for account in (ARCHIVE, BANK, LEAVING):
            running.join(account, f"account-{account}")
        yield running


@pytest.fixture(scope="module")
def guardian(aws: EmbeddedAws) -> Headquarters:
    """One that drills."""
    parameters = {
        "OrganizationId": "o-localcloud",
        "DrillTagKey": TAG,
        "DrillMonthlyBudgetUsd": "100",
    }
    return Headquarters(aws, aws.deploy("pitr-guardian", HOME, parameters))


@pytest.fixture(scope="module")
def driller(guardian: Headquarters) -> Driller:
    return Driller(guardian.aws, guardian.stack)


@pytest.fixture(scope="module")
def archive(guardian: Headquarters) -> Member:
    return welcomed(guardian, ARCHIVE, AllowRestores="true")


def welcomed(guardian: Headquarters, account: str, **parameters: str) -> Member:
    member = Member(guardian.aws, account, ELSEWHERE)
    guardian.welcome(member, ELSEWHERE, **parameters)
    return member


def stocked(guardian: Headquarters, member: Member) -> str:
    """A protected table of a member whose items were written an hour ago."""
    table = guardian.protected_table_of(member)
    for key, item in GOODS.items():
        member.client("dynamodb").put_item(TableName=table, Item={"id": {"S": key}, **item})
    guardian.aws.age(member.arn(table), minutes=60)
    return table


def is_there(member: Member, table: str) -> bool:
    dynamodb = member.client("dynamodb")
    try:
        dynamodb.describe_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def test_a_members_table_is_proved_in_its_account_and_nothing_is_left_there(
    guardian: Headquarters, driller: Driller, archive: Member
) -> None:
    table = stocked(guardian, archive)
    drill = driller.ask(archive.arn(table), sample="all", at=driller.ago(30))
    passed = driller.passed(drill)
    assert passed["items"]["equal"] == passed["items"]["compared"] == len(GOODS)
    assert passed["removed"] is True
    evidence = json.loads(driller.object_at(passed["evidenceUri"]))
    assert (evidence["table"]["account"], evidence["copyTable"]["account"]) == (ARCHIVE, ARCHIVE)
    assert evidence["copyTable"]["region"] == ELSEWHERE
    copy = driller.copy_of(drill)
    guardian.settle()
    assert not is_there(archive, copy)
    assert guardian.of_table(archive.arn(copy)) == []
    backups = archive.client("dynamodb").list_backups(TableName=copy, BackupType="ALL")
    assert backups["BackupSummaries"] == []


def test_a_members_table_is_drilled_when_its_tag_says_so(
    guardian: Headquarters, driller: Driller, archive: Member
) -> None:
    table = stocked(guardian, archive)
    archive.client("dynamodb").tag_resource(
        ResourceArn=archive.arn(table), Tags=[{"Key": TAG, "Value": "yearly"}]
    )
    driller.look_for_due()
    passed = guardian.told_of(archive.arn(table), "Drill Started")
    assert passed["occasion"] == "tag"
    assert driller.passed(passed["drillId"])["table"]["account"] == ARCHIVE


def test_a_member_that_allows_no_restores_is_refused_with_the_parameter(
    guardian: Headquarters, driller: Driller
) -> None:
    bank = welcomed(guardian, BANK, AllowUndo="true")
    table = guardian.protected_table_of(bank)
    assert driller.rejected(driller.ask(bank.arn(table)))["error"] == (
        f"table: account {BANK} doesn't allow drills: update its stack of "
        "organization/member.yaml with AllowRestores=true"
    )


def test_a_member_that_closes_meanwhile_is_an_answer_and_its_copy_goes_when_it_opens(
    guardian: Headquarters, driller: Driller
) -> None:
    member = Member(guardian.aws, LEAVING, ELSEWHERE)
    stack = guardian.welcome(member, ELSEWHERE, AllowRestores="true")
    table = stocked(guardian, member)
    drill = driller.ask(member.arn(table), at=driller.ago(30))
    copy = driller.copy_of(drill)
    eventually(lambda: is_there(member, copy), "the copy is being made")
    close(member)
    failed = driller.failed(drill)
    assert failed["removed"] is False
    assert "organization/member.yaml" in failed["error"]
    assert driller.kinds(drill) == ["Drill Started", "Drill Failed"]
    member.remove(stack)
    assert driller.rejected(driller.ask(member.arn(table)))["error"].startswith("table: ")
    guardian.welcome(member, ELSEWHERE, AllowRestores="true")
    driller.let_time_pass_for(drill)
    driller.fire_hourly()
    eventually(lambda: not is_there(member, copy), "the copy is removed")


def close(member: Member) -> None:
    """Let nobody in any more: sessions that were begun go on, as on AWS."""
    nobody = policy({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"})
    member.client("iam").update_assume_role_policy(RoleName=ROLE, PolicyDocument=nobody)

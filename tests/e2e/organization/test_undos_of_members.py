"""Undos of members' tables, by their ARNs, where the member allows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.organization.conftest import ELSEWHERE, HOME
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member

ARCHIVE, BANK = "666666666666", "777777777777"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    """One whose exports are quick."""
    log = tmp_path_factory.mktemp("aws-of-members-undos") / "log"
    with embedded_aws(log) as running:
        running.join(ARCHIVE, "archive")
        running.join(BANK, "bank")
        yield running


@pytest.fixture(scope="module")
def guardian(aws: EmbeddedAws) -> Headquarters:
    """One that may put items back."""
    parameters = {"OrganizationId": "o-localcloud", "UndoTablePattern": "*"}
    return Headquarters(aws, aws.deploy("pitr-guardian", HOME, parameters))


def welcomed(guardian: Headquarters, account: str, **parameters: str) -> Member:
    member = Member(guardian.aws, account, ELSEWHERE)
    guardian.welcome(member, ELSEWHERE, **parameters)
    return member


def test_only_what_broke_in_a_members_table_goes_back(guardian: Headquarters) -> None:
    archive = welcomed(guardian, ARCHIVE, AllowUndo="true")
    table = guardian.protected_table_of(archive)
    dynamodb, arn = archive.client("dynamodb"), archive.arn(table)
    good, bad = ({"id": {"S": "apples"}, "price": {"N": price}} for price in ("3", "0"))
    dynamodb.put_item(TableName=table, Item=good)
    guardian.aws.age(arn, minutes=30)
    dynamodb.put_item(TableName=table, Item=bad)
    guardian.aws.age(arn, minutes=5)
    ago = (datetime.now(UTC) - timedelta(minutes=10)).replace(microsecond=0)
    asked = guardian.ask("Undo Requested", table=arn, **{"from": ago.isoformat()})
    planned = guardian.answer(asked, "Undo Planned", "Undo Failed", "Undo Rejected", within=240)
    assert planned.detail_type == "Undo Planned", planned
    assert planned["counts"]["revert"] == 1
    approval = {"planId": asked, "fingerprint": planned["fingerprint"], "requestedBy": "anna"}
    guardian.put("Undo Approved", approval)
    ended = guardian.answer(asked, "Undo Completed", "Undo Failed", "Undo Rejected", within=240)
    assert ended.detail_type == "Undo Completed", ended
    assert (ended["counts"]["reverted"], ended["verified"]) == (1, 1)
    assert dynamodb.get_item(TableName=table, Key={"id": {"S": "apples"}})["Item"] == good


def test_a_member_that_allows_no_undos_is_refused_with_the_parameter(
    guardian: Headquarters,
) -> None:
    bank = welcomed(guardian, BANK, AllowRestores="true")
    table = guardian.protected_table_of(bank)
    ago = (datetime.now(UTC) - timedelta(minutes=10)).replace(microsecond=0)
    asked = guardian.ask("Undo Requested", table=bank.arn(table), **{"from": ago.isoformat()})
    refusal = guardian.answer(asked, "Undo Rejected")
    assert refusal["error"] == (
        f"table: account {BANK} doesn't allow undos: update its stack of "
        "organization/member.yaml with AllowUndo=true"
    )

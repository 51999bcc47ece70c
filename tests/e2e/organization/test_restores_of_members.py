"""Restores of members' tables, by their ARNs, where the member allows them."""

from __future__ import annotations

import pytest

from tests.e2e.guardian import fresh
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member


@pytest.mark.parametrize("where", ["shop", "shop_elsewhere"])
def test_a_members_table_is_restored_in_its_own_account_and_is_protected(
    guardian: Headquarters, request: pytest.FixtureRequest, where: str
) -> None:
    member: Member = request.getfixturevalue(where)
    table, copy = guardian.protected_table_of(member), fresh("Restored")
    member.client("dynamodb").put_item(TableName=table, Item={"id": {"S": "apples"}})
    asked = guardian.ask("Restore Requested", sourceTable=member.arn(table), targetTable=copy)
    ended = guardian.answer(asked, "Restore Completed", "Restore Failed", "Restore Rejected")
    assert ended.detail_type == "Restore Completed", ended
    assert ended["targetArn"] == member.arn(copy)
    assert member.pitr(copy) == "ENABLED"
    assert ended["settings"]["failed"] == []


def test_a_member_that_allows_no_restores_is_refused_with_the_parameter(
    guardian: Headquarters, bank: Member
) -> None:
    table, copy = guardian.protected_table_of(bank), fresh("Restored")
    asked = guardian.ask("Restore Requested", sourceTable=bank.arn(table), targetTable=copy)
    refusal = guardian.answer(asked, "Restore Rejected")
    assert refusal["error"] == (
        f"sourceTable: account {bank.account} doesn't allow restores: update its stack of "
        "organization/member.yaml with AllowRestores=true"
    )
    guardian.settle()
    assert copy not in bank.client("dynamodb").list_tables()["TableNames"]

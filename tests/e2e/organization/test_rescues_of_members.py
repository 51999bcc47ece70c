"""Deleted tables of members, and tables of accounts that are none."""

from __future__ import annotations

from tests.e2e.guardian import fresh
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member
from tests.e2e.waiting import eventually

LAST_WORDS = ("Restore Completed", "Restore Failed", "Restore Rejected")


def test_a_deleted_table_is_brought_back_by_the_request_in_its_alert(
    guardian: Headquarters, shop: Member
) -> None:
    table = guardian.protected_table_of(shop, Tags=[{"Key": "team", "Value": "checkout"}])
    dynamodb = shop.client("dynamodb")
    dynamodb.put_item(TableName=table, Item={"id": {"S": "apples"}})
    guardian.aws.age(shop.arn(table), minutes=30)
    dynamodb.delete_table(TableName=table)
    deleted = guardian.told_of(shop.arn(table), "Table Deleted")
    eventually(lambda: table not in dynamodb.list_tables()["TableNames"], f"{table} is gone")
    ended = guardian.answer(guardian.ask("Restore Requested", **deleted["request"]), *LAST_WORDS)
    assert ended.detail_type == "Restore Completed", ended
    assert ended["targetArn"].startswith(shop.arn(""))
    [item] = dynamodb.scan(TableName=ended["targetTable"])["Items"]
    assert item == {"id": {"S": "apples"}}


def test_a_table_of_an_account_that_is_no_member_is_refused_with_the_remedy(
    guardian: Headquarters, stranger: Member
) -> None:
    source = stranger.arn(stranger.create_table())
    role = guardian.role_of("AcceptRestoreFunction")
    with guardian.aws.refusing(role, "sts:AssumeRole"):
        asked = guardian.ask("Restore Requested", sourceTable=source, targetTable=fresh("Restored"))
        ended = guardian.answer(asked, *LAST_WORDS)
    assert ended.detail_type == "Restore Rejected"
    assert "organization/member.yaml" in ended["error"]

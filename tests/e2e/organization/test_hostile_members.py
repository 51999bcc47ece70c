"""A member whose administrator is the enemy: it can harm its own tables, and no others."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.e2e.embedded_aws import Json
from tests.e2e.guardian import fresh
from tests.e2e.organization.conftest import HOME
from tests.e2e.organization.headquarters import Headquarters, forged_detail
from tests.e2e.organization.member import Member

CALL = "AWS API Call via CloudTrail"


@pytest.fixture
def guardians_own(guardian: Headquarters) -> Member:
    """The guardian's account in its own region, whose tables are a prize as well."""
    return Member(guardian.aws, guardian.aws.account_id, HOME)


@pytest.fixture(params=["bank", "guardians_own"])
def victim(request: pytest.FixtureRequest) -> Member:
    found: Member = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def prize(guardian: Headquarters, victim: Member) -> str:
    return unseen_table(guardian, victim)


def unseen_table(guardian: Headquarters, owner: Member) -> str:
    """A table whose PITR is off without anybody's knowing: whoever makes the guardian look at it
    is seen by what it does."""
    with guardian.unseen_in(owner):
        table = owner.create_table("Prize")
    assert owner.pitr(table) == "DISABLED"
    return table


def untouched(guardian: Headquarters, victim: Member, table: str) -> bool:
    guardian.settle()
    return victim.pitr(table) == "DISABLED" and guardian.of_table(victim.arn(table)) == []


def entry(guardian: Headquarters, source: str, detail: Json) -> Json:
    return {
        "EventBusName": guardian.inbox,
        "Source": source,
        "DetailType": CALL,
        "Detail": json.dumps(detail),
    }


def test_it_cannot_put_events_in_the_name_of_dynamodb(
    guardian: Headquarters, shop: Member, victim: Member, prize: str
) -> None:
    forged = entry(guardian, "aws.dynamodb", forged_detail(victim, prize))
    answer = shop.client("events").put_events(Entries=[forged])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert untouched(guardian, victim, prize)


def test_it_cannot_put_events_of_its_own(
    guardian: Headquarters, shop: Member, victim: Member, prize: str
) -> None:
    forged = entry(guardian, "shop.orders", forged_detail(victim, prize))
    with pytest.raises(ClientError, match="AccessDenied"):
        shop.client("events").put_events(Entries=[forged])
    assert untouched(guardian, victim, prize)


@pytest.mark.parametrize("named_by", ["everything", "the table's ARN", "its resources"])
def test_a_body_that_names_anothers_table_makes_nobody_look_at_it(
    guardian: Headquarters, shop: Member, victim: Member, prize: str, named_by: str
) -> None:
    """Whether EventBridge lets a rule transform what it puts on a bus isn't relied on."""
    detail = forged_detail(victim, prize)
    if named_by != "everything":
        detail["recipientAccountId"] = detail["userIdentity"]["accountId"] = shop.account
        detail["awsRegion"] = shop.region
    if named_by == "its resources":
        detail["requestParameters"]["tableName"] = prize
    with Forger(guardian, shop, detail) as forger:
        forger.send()
    assert untouched(guardian, victim, prize)


def test_a_body_that_names_the_members_own_table_is_believed(
    guardian: Headquarters, shop: Member
) -> None:
    """So what the other tests send does arrive, and would be acted upon."""
    own = unseen_table(guardian, shop)
    with Forger(guardian, shop, forged_detail(shop, own)) as forger:
        forger.send()
    guardian.settle()
    assert shop.pitr(own) == "ENABLED"


def test_a_table_of_the_same_name_is_its_own(
    guardian: Headquarters, shop: Member, victim: Member, prize: str
) -> None:
    mine = shop.create_table(TableName=prize)
    guardian.told_of(shop.arn(mine), "Table Protected")
    guardian.settle()
    shop.switch(mine, on=False)
    guardian.told_of(shop.arn(mine), "PITR Re-enabled")
    assert untouched(guardian, victim, prize)


@pytest.mark.parametrize("field", ["account", "resources"])
def test_a_heartbeat_is_the_senders_own(guardian: Headquarters, shop: Member, field: str) -> None:
    """A body counts for nothing here either; nor can one put what isn't AWS's."""
    forged = {
        "EventBusName": guardian.inbox,
        "Source": "aws.events",
        "DetailType": "Scheduled Event",
        "Detail": json.dumps({field: "666666666666"}),
        "Resources": [f"arn:aws:events:{HOME}:666666666666:rule/pitr-guardian-inbox-heartbeat"],
    }
    answer = shop.client("events").put_events(Entries=[forged])
    assert answer["FailedEntryCount"] == 1
    guardian.settle()
    joined = {fact["account"] for fact in guardian.facts_of_kind("Member Joined")}
    assert "666666666666" not in joined


def test_who_is_in_no_organization_is_not_taken(guardian: Headquarters, stranger: Member) -> None:
    stack = stranger.deploy(guardian.inbox, HOME)
    stranger.beat(guardian.inbox)
    table = stranger.create_table()
    guardian.settle()
    assert guardian.of_member(stranger, "Member Joined") == []
    assert guardian.of_table(stranger.arn(table)) == []
    assert stranger.pitr(table) == "DISABLED"
    stranger.remove(stack)


class Forger:
    """A rule of a member that replaces the body of what it forwards."""

    def __init__(self, guardian: Headquarters, member: Member, detail: Json) -> None:
        self._member = member
        self._events = member.client("events")
        self._name = fresh("forger")
        roles = member.client("iam").list_roles()["Roles"]
        role = next(each["Arn"] for each in roles if "ForwardRole" in each["RoleName"])
        pattern = {"source": ["aws.dynamodb"], "detail": {"eventName": ["DeleteTable"]}}
        self._events.put_rule(Name=self._name, EventPattern=json.dumps(pattern))
        target = {
            "Id": "inbox",
            "Arn": guardian.inbox,
            "RoleArn": role,
            "Input": json.dumps(detail),
        }
        self._events.put_targets(Rule=self._name, Targets=[target])

    def send(self) -> None:
        """Set the rule off, by a call that fails."""
        dynamodb = self._member.client("dynamodb")
        with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
            dynamodb.delete_table(TableName="nothing")
        self._member.aws.await_trail()

    def __enter__(self) -> Forger:
        return self

    def __exit__(self, *_: object) -> None:
        self._events.remove_targets(Rule=self._name, Ids=["inbox"])
        self._events.delete_rule(Name=self._name)

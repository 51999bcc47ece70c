"""What ``members.ports`` promise, kept by the fake and by the ledger that ships."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from pitr_guardian.aws.ledger.members import ClosedLedger, MemberLedger
from pitr_guardian.facts.facts import MemberJoined
from pitr_guardian.members.member import Member
from pitr_guardian.members.ports import ClosedNotes, Register, Roll
from tests.fakes.members import FakeMembers

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 10, 5, 12, 0, 0, 123000, UTC)
HOUR = timedelta(hours=1)
MEMBER, OTHER, REGION = "222222222222", "333333333333", "eu-west-1"


class Whole(Register, Roll, ClosedNotes, Protocol):
    """What all of them use together."""


class Shipped(MemberLedger, ClosedLedger):
    """The adapters in one, as the fake is."""


@pytest.fixture(params=["fake", "shipped"])
def ledger(request: pytest.FixtureRequest, dynamodb: DynamoDBClient, ledger_table: str) -> Whole:
    return FakeMembers() if request.param == "fake" else Shipped(dynamodb, ledger_table)


def test_nobody_is_known_who_was_never_heard_of(ledger: Whole) -> None:
    assert ledger.member(MEMBER, REGION) is None
    assert ledger.members() == []


def test_who_was_heard_of_is_known_with_its_latest_heartbeat(ledger: Whole) -> None:
    ledger.note_heard(OTHER, REGION, NOON)
    for at in (NOON, NOON + HOUR, NOON - HOUR):
        ledger.note_heard(MEMBER, REGION, at)
    assert ledger.member(MEMBER, REGION) == Member(MEMBER, REGION, NOON + HOUR)
    assert ledger.member(MEMBER, "us-east-1") is None
    assert ledger.members() == [
        Member(MEMBER, REGION, NOON + HOUR),
        Member(OTHER, REGION, NOON),
    ]


def test_silence_is_told_until_the_member_is_heard_again(ledger: Whole) -> None:
    ledger.note_heard(MEMBER, REGION, NOON)
    ledger.note_silence_told(Member(MEMBER, REGION, NOON))
    assert ledger.members() == [Member(MEMBER, REGION, NOON, silence_told=True)]
    ledger.note_heard(MEMBER, REGION, NOON + HOUR)
    assert ledger.members() == [Member(MEMBER, REGION, NOON + HOUR)]
    # Whoever thought it silent was slower.
    ledger.note_silence_told(Member(MEMBER, REGION, NOON))
    assert ledger.members() == [Member(MEMBER, REGION, NOON + HOUR)]


def test_a_heartbeat_that_was_long_on_its_way_ends_no_silence(ledger: Whole) -> None:
    ledger.note_heard(MEMBER, REGION, NOON)
    ledger.note_silence_told(Member(MEMBER, REGION, NOON))
    ledger.note_heard(MEMBER, REGION, NOON + HOUR, ends_silence=False)
    assert ledger.member(MEMBER, REGION) == Member(MEMBER, REGION, NOON + HOUR, silence_told=True)


def fact(kind: str = "joined") -> MemberJoined:
    return MemberJoined(
        id=f"{MEMBER}-{kind}",
        time=NOON,
        severity="info",
        reason="It is a member.",
        account=MEMBER,
        region=REGION,
    )


def test_what_was_told_of_members_makes_nobody_a_member(ledger: Whole) -> None:
    ledger.note_heard(MEMBER, REGION, NOON)
    for _ in range(2):
        ledger.keep(fact())
        ledger.keep_closed(fact())
    assert ledger.members() == [Member(MEMBER, REGION, NOON)]
    assert ledger.closed_told_at(MEMBER) is None


def test_what_was_told_of_members_is_kept_for_400_days_as_tables_have_it(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    shipped = Shipped(dynamodb, ledger_table)
    for told in (fact(), fact(), fact("silent")):
        shipped.keep(told)
    shipped.keep_closed(fact("closed"))
    items = dynamodb.scan(TableName=ledger_table)["Items"]
    assert sorted((item["pk"]["S"], item["sk"]["S"]) for item in items) == [
        ("closed", f"incident#{MEMBER}-closed"),
        ("members", f"incident#{MEMBER}-joined"),
        ("members", f"incident#{MEMBER}-silent"),
    ]
    for item in items:
        assert item["detailType"]["S"] == "Member Joined"
        assert json.loads(item["detail"]["S"])["account"] == MEMBER
        assert int(item["expiresAt"]["N"]) - NOON.timestamp() == pytest.approx(400 * 86_400, abs=1)


def test_when_an_account_was_told_to_be_closed_is_remembered(ledger: Whole) -> None:
    assert ledger.closed_told_at(MEMBER) is None
    ledger.note_closed_told(MEMBER, NOON)
    ledger.note_closed_told(MEMBER, NOON + HOUR)
    assert ledger.closed_told_at(MEMBER) == NOON + HOUR
    assert ledger.closed_told_at(OTHER) is None
    ledger.forget_closed(MEMBER)
    assert ledger.closed_told_at(MEMBER) is None


def test_members_are_let_go_four_weeks_after_their_last_heartbeat(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    shipped = Shipped(dynamodb, ledger_table)
    shipped.note_heard(MEMBER, REGION, NOON)
    shipped.note_closed_told(MEMBER, NOON)
    kept = {
        item["pk"]["S"]: int(item["expiresAt"]["N"]) - int(NOON.timestamp())
        for item in dynamodb.scan(TableName=ledger_table)["Items"]
    }
    days = {pk: seconds / 86_400 for pk, seconds in kept.items()}
    assert days == {"members": 28, "closed": 7}


def test_what_another_release_wrote_stops_nobody(
    dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    for sk in (f"{MEMBER}#{REGION}", "something new"):
        item = {"pk": {"S": "members"}, "sk": {"S": sk}, "heardAt": {"S": "soon"}}
        dynamodb.put_item(TableName=ledger_table, Item=item)
    shipped = Shipped(dynamodb, ledger_table)
    assert shipped.members() == []
    assert shipped.member(MEMBER, REGION) is None

"""Tables of other accounts: whose an event is, and accounts that let nobody in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.basics.errors import MemberClosedError
from pitr_guardian.drift.change import UnreadableEventError
from pitr_guardian.drift.look import Look, body_of, looks_from
from pitr_guardian.facts.facts import MemberClosed
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION, message, record, switched_off
from tests.fakes.world import Call, Watch, World, unwatched

NOW = datetime(2026, 10, 5, 9, 0, 3, 250000, UTC)
MEMBER, OTHER = "222222222222", "333333333333"
THEIRS, OTHERS = replace(ORDERS, account=MEMBER), replace(ORDERS, account=OTHER)


def of_account(account: str, detail: dict[str, Any]) -> str:
    """The body as EventBridge forwards it from an account."""
    return json.dumps(json.loads(message(detail)) | {"account": account})


def off(account: str, table: str = "orders") -> str:
    return of_account(account, switched_off(table, recipientAccountId=account))


# -- whose event it is ------------------------------------------------------------------------


def test_an_event_of_a_member_is_about_the_members_table() -> None:
    [look] = looks_from(off(MEMBER), NOW, ACCOUNT, "aws", members=True)
    assert look.ref == THEIRS
    assert looks_from(body_of(look), NOW, ACCOUNT, "aws", members=True) == [look]


def test_without_members_only_the_own_accounts_events_are_taken() -> None:
    with pytest.raises(UnreadableEventError, match=f"the event is of '{MEMBER}'"):
        looks_from(off(MEMBER), NOW, ACCOUNT, "aws")
    with pytest.raises(UnreadableEventError, match="is not of the guardian's account"):
        looks_from(body_of(Look(table=THEIRS.arn, since=NOW)), NOW, ACCOUNT, "aws")


CLAIMS = {
    "the table's ARN": switched_off(OTHERS.arn, recipientAccountId=MEMBER),
    "the recipient": switched_off("orders", recipientAccountId=OTHER),
    "both": switched_off(OTHERS.arn, recipientAccountId=OTHER),
    "the guardian's own": switched_off(ORDERS.arn, recipientAccountId=ACCOUNT),
    "the answer": record(
        "CreateTable", None, responseElements={"tableDescription": {"tableArn": OTHERS.arn}}
    ),
    "the resources": record(
        "DeleteTable", None, resources=[{"ARN": OTHERS.arn, "accountId": OTHER}]
    ),
    "replicas": record(
        "UpdateTable",
        {
            "tableName": OTHERS.arn,
            "replicaUpdates": [
                {"create": {"regionName": "us-east-1"}},
                {"delete": {"regionName": "eu-west-1"}},
            ],
        },
    ),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_member_cannot_make_the_guardian_touch_another_accounts_table(claim: str) -> None:
    assert looks_from(of_account(MEMBER, CLAIMS[claim]), NOW, ACCOUNT, "aws", members=True) == []


accounts = st.sampled_from([ACCOUNT, MEMBER, OTHER])


@given(envelope=accounts, recipient=st.none() | accounts, named=accounts, by_arn=st.booleans())
def test_looks_are_at_tables_of_the_account_that_eventbridge_names(
    envelope: str, recipient: str | None, named: str, by_arn: bool
) -> None:
    table = replace(ORDERS, account=named)
    detail = switched_off(table.arn if by_arn else table.name, recipientAccountId=recipient)
    looks = looks_from(of_account(envelope, detail), NOW, ACCOUNT, "aws", members=True)
    assert {look.ref.account for look in looks} <= {envelope}


# -- an account that lets nobody in -----------------------------------------------------------


@pytest.fixture
def world() -> World:
    world = World(has_members=True)
    for table in (ORDERS, THEIRS, OTHERS):
        world.tables.create(table)
    return world


def closed(*accounts: str) -> Watch:
    @contextmanager
    def watch(call: Call) -> Iterator[None]:
        for table in call.args[:1]:
            account = getattr(table, "account", None)
            if call.name.startswith(("Tables.", "Restores.")) and account in accounts:
                raise MemberClosedError(str(account), f"account {account} is closed")
        yield

    return watch


def test_a_members_table_is_protected_like_the_guardians_own(world: World) -> None:
    world.deliver(off(MEMBER))
    assert world.tables[THEIRS].is_on
    assert not world.tables[ORDERS].is_on
    assert [fact.detail()["table"]["account"] for fact in world.facts.published] == [MEMBER]


def test_an_account_that_lets_nobody_in_is_told_once_a_day_and_its_looks_are_done_with(
    world: World,
) -> None:
    world.watch = closed(MEMBER)
    for number in range(3):
        world.deliver(off(MEMBER), f"message-{number}")
    assert world.looks.waiting == []
    [told] = world.facts.published
    assert isinstance(told, MemberClosed)
    assert (told.account, told.severity) == (MEMBER, "critical")
    assert told.reason == f"None of its tables is looked after: account {MEMBER} is closed"
    world.clock.advance(timedelta(days=1).total_seconds())
    world.deliver(off(MEMBER), "message-later")
    assert world.facts.kinds == ["Member Closed", "Member Closed"]
    assert len(set(world.facts.ids)) == 2


def test_it_holds_up_no_other_account(world: World) -> None:
    world.watch = closed(MEMBER)
    for account in (MEMBER, OTHER, ACCOUNT):
        world.deliver(off(account), f"message-{account}")
    assert world.tables[ORDERS].is_on
    assert world.tables[OTHERS].is_on
    assert not world.tables[THEIRS].is_on


def test_each_such_account_is_told(world: World) -> None:
    world.watch = closed(MEMBER, OTHER)
    for account in (MEMBER, OTHER):
        world.deliver(off(account), f"message-{account}")
    assert [fact.detail()["account"] for fact in world.facts.published] == [MEMBER, OTHER]


def test_a_deletion_waits_until_the_account_lets_the_guardian_in(world: World) -> None:
    detail = record("DeleteTable", {"tableName": "orders"}, recipientAccountId=MEMBER)
    world.watch = closed(MEMBER)
    world.deliver(of_account(MEMBER, detail))
    assert world.facts.kinds == ["Member Closed"]
    assert len(world.looks.waiting) == 1
    world.watch = unwatched
    world.let_looks_come_back()
    assert world.facts.kinds == ["Member Closed", "Table Deleted"]


def test_a_table_in_another_region_of_the_account_is_its_own_too() -> None:
    detail = switched_off("orders", awsRegion="us-east-1", recipientAccountId=MEMBER)
    [look] = looks_from(of_account(MEMBER, detail), NOW, ACCOUNT, "aws", members=True)
    assert (look.ref.account, look.ref.region) == (MEMBER, "us-east-1")
    assert REGION != "us-east-1"

"""Sweeps of whoever was heard of: unseen drift, silent members, closed ones, those long gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.organization.conftest import HOME
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member

ROLELESS = "666666666666"


def places(sweep: object) -> set[tuple[str, str]]:
    regions = sweep["regions"]  # type: ignore[index]  # a fact
    return {(each["account"], each["region"]) for each in regions}


def test_what_no_event_told_of_is_found_in_every_account_and_region(
    guardian: Headquarters,
    shop: Member,
    shop_elsewhere: Member,
    bank: Member,
    own_elsewhere: Member,
) -> None:
    members = (shop, shop_elsewhere, bank, own_elsewhere)
    tables = [(member, guardian.protected_table_of(member)) for member in members]
    for member, table in tables:
        with guardian.unseen_in(member):
            member.switch(table, on=False)
    sweep = guardian.sweep()
    here = (guardian.aws.account_id, HOME)
    assert places(sweep) >= {here, *((member.account, member.region) for member in members)}
    assert sweep["drifted"] >= len(tables)
    for member, table in tables:
        assert member.pitr(table) == "ENABLED"
        told = guardian.told_of(member.arn(table), "PITR Re-enabled")
        assert told["table"]["account"] == member.account
    rows = {row["arn"] for part in guardian.parts(sweep).values() for row in part}
    assert rows >= {member.arn(table) for member, table in tables}


def test_a_silent_member_is_told_once_and_swept_all_the_same(
    guardian: Headquarters, bank: Member
) -> None:
    table = guardian.protected_table_of(bank)
    before = len(guardian.of_member(bank, "Member Silent"))
    with guardian.unheard(bank, timedelta(hours=4)):
        with guardian.unseen_in(bank):
            bank.switch(table, on=False)
        guardian.sweep()
        assert bank.pitr(table) == "ENABLED"
        [told] = guardian.of_member(bank, "Member Silent")[before:]
        assert told["severity"] == "critical"
        guardian.sweep()
        assert len(guardian.of_member(bank, "Member Silent")) == before + 1
    with guardian.unheard(bank, timedelta(hours=5)):  # another silence, after it was heard again
        guardian.sweep()
        assert len(guardian.of_member(bank, "Member Silent")) == before + 2


@pytest.mark.parametrize(("ago", "told"), [(timedelta(hours=2), 0), (timedelta(hours=3), 1)])
def test_it_takes_three_hours_to_be_silent(
    guardian: Headquarters, shop_elsewhere: Member, ago: timedelta, told: int
) -> None:
    before = len(guardian.of_member(shop_elsewhere, "Member Silent"))
    with guardian.unheard(shop_elsewhere, ago):
        guardian.sweep()
    assert len(guardian.of_member(shop_elsewhere, "Member Silent")) == before + told


def test_who_was_not_heard_for_a_week_is_swept_no_more(
    guardian: Headquarters, bank: Member
) -> None:
    with guardian.unheard(bank, timedelta(days=7, hours=1)):
        assert (bank.account, bank.region) not in places(guardian.sweep())
    assert (bank.account, bank.region) in places(guardian.sweep())


def test_an_account_without_a_role_fails_alone(guardian: Headquarters, bank: Member) -> None:
    guardian.aws.join(ROLELESS, "without a role")
    member = Member(guardian.aws, ROLELESS, HOME)
    guardian.welcome(member, "us-east-1")
    table = guardian.protected_table_of(bank)
    with guardian.unseen_in(bank):
        bank.switch(table, on=False)
    sweep = guardian.sweep()
    by_place = {(each["account"], each["region"]): each for each in sweep["regions"]}
    assert "organization/member.yaml" in by_place[ROLELESS, HOME]["error"]
    assert by_place[bank.account, bank.region]["error"] is None
    assert sweep["failed"] >= 1
    assert bank.pitr(table) == "ENABLED"
    guardian.sweep()
    assert len(guardian.of_member(member, "Member Closed")) == 1

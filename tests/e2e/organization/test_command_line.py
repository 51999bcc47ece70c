"""The command line of a guardian that has members, with the rights of its own account alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member


@pytest.fixture
def cli(guardian: Headquarters) -> Cli:
    return Cli(guardian)


def test_members_tables_are_listed_with_their_account_once_they_are_swept(
    cli: Cli, guardian: Headquarters, shop: Member
) -> None:
    table = guardian.protected_table_of(shop)
    swept = cli("sweep", "--json")
    assert swept.code in (0, 3), swept.err
    listed = cli("tables", "--all", "--json").json["tables"]
    [row] = [each for each in listed if each["arn"] == shop.arn(table)]
    assert (row["account"], row["region"], row["status"]) == (
        shop.account,
        shop.region,
        "protected",
    )
    assert "Account and region" in cli("tables", "--all").out


def test_all_that_the_guardian_knows_of_a_members_table_is_told(
    cli: Cli, guardian: Headquarters, shop: Member
) -> None:
    table = guardian.protected_table_of(shop)
    shop.switch(table, on=False)
    guardian.told_of(shop.arn(table), "PITR Re-enabled")
    guardian.settle()
    cli("sweep", "--json")
    told = cli("tables", shop.arn(table), "--json")
    assert told.code == 0, told.err
    assert (told.json["exists"], told.json["pitr"], told.json["periodInDays"]) == (True, True, 35)
    assert [each["detailType"] for each in told.json["incidents"]] == [
        "PITR Re-enabled",
        "Table Protected",
    ]


def test_a_members_tags_are_left_to_its_own_account(cli: Cli, shop: Member) -> None:
    table = shop.create_table()
    ran = cli("exempt", shop.arn(table), "--until", "2030-01-01", "--reason", "a test")
    assert ran.code == 1
    assert f"table of the account {shop.account}" in ran.err


def test_a_silent_member_needs_a_person(cli: Cli, guardian: Headquarters, bank: Member) -> None:
    with guardian.unheard(bank, timedelta(hours=4)):
        status = cli("status", "--json")
        assert status.code == 3
        silent = f"Nothing is heard of {bank.account} in {bank.region}"
        assert silent in status.json["troubles"]
        findings = cli("doctor", "--json").json["findings"]
        of_bank = f"nothing was heard of {bank.account} in {bank.region}"
        [found] = [each for each in findings if of_bank in each["text"]]
        assert found["check"] == "members"
        assert found["remedy"]

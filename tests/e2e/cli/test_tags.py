"""`exempt` and `protect`: what is typed is what the guardian acts upon."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.restores.restorer import Restorer

NEXT_MONTH = f"{datetime.now(UTC).date() + timedelta(days=30)}"
YESTERDAY = f"{datetime.now(UTC).date() - timedelta(days=1)}"


def tags(guardian: Restorer, table: str) -> dict[str, str]:
    answer = guardian.client("dynamodb").list_tags_of_resource(ResourceArn=guardian.arn(table))
    return {tag["Key"]: tag["Value"] for tag in answer["Tags"]}


def test_an_exempt_table_may_be_off_until_it_is_protected_again(
    cli: Cli, guardian: Restorer
) -> None:
    table = guardian.protected_table()
    reason = ("--reason", "load test", "--owner", "team-checkout")
    ran = cli("exempt", table, "--until", NEXT_MONTH, *reason)
    assert ran.code == 0, ran.err
    assert f"exempt through {NEXT_MONTH}" in ran.out
    guardian.settle()
    guardian.switch(table, on=False)
    tolerated = guardian.fact(table, "Drift Tolerated")
    assert (tolerated["exemptUntil"], tolerated["exemptReason"], tolerated["exemptOwner"]) == (
        NEXT_MONTH,
        "load test",
        "team-checkout",
    )
    assert guardian.period(table) is None

    ran = cli("protect", table, "--days", "14")
    assert ran.code == 0, ran.err
    assert "is protected, with 14 days" in ran.out
    assert guardian.period(table) == 14
    assert tags(guardian, table) == {"pitr-guardian:recovery-days": "14"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--until", "31.1.2027", "--reason", "x"], "no date"),
        (["--until", YESTERDAY, "--reason", "x"], "is over"),
        (["--until", NEXT_MONTH, "--reason", "x; y"], "pitr-guardian:exempt-reason"),
        (["--until", NEXT_MONTH], "--reason"),
    ],
)
def test_an_exemption_that_would_be_void_is_wrong_usage(
    cli: Cli, words: list[str], told: str
) -> None:
    ran = cli("exempt", "Orders", *words)
    assert ran.code == 2
    assert told in ran.err


def test_a_table_that_isnt_there_cant_be_tagged(cli: Cli) -> None:
    for words in (
        ["exempt", "NoSuch", "--until", NEXT_MONTH, "--reason", "x"],
        ["protect", "NoSuch"],
    ):
        ran = cli(*words)
        assert ran.code == 1
        assert "there is no table NoSuch in eu-central-1" in ran.err

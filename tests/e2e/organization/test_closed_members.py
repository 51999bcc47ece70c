"""An account that doesn't let the guardian in: told once with the remedy, and holding up nobody."""

from __future__ import annotations

import pytest

from tests.e2e.organization.conftest import ELSEWHERE, HOME
from tests.e2e.organization.headquarters import Headquarters
from tests.e2e.organization.member import Member
from tests.e2e.waiting import eventually

CLOSED = "555555555555"


@pytest.fixture(scope="module")
def closed(guardian: Headquarters) -> Member:
    """A member whose main region was forgotten, so that it has no role."""
    guardian.aws.join(CLOSED, "closed")
    member = Member(guardian.aws, CLOSED, ELSEWHERE)
    guardian.welcome(member, "us-east-1")
    return member


def test_it_is_told_once_with_the_remedy_and_nobody_waits_for_it(
    guardian: Headquarters, closed: Member, bank: Member
) -> None:
    first = closed.create_table()
    guardian.protected_table_of(bank)
    told = eventually(lambda: guardian.facts_of_kind("Member Closed"), "that it is closed")
    second = closed.create_table()
    guardian.protected_table_of(bank)
    guardian.settle()
    [fact] = guardian.facts_of_kind("Member Closed")
    assert fact == told[0]
    assert fact["account"] == CLOSED
    assert "organization/member.yaml" in fact["reason"]
    assert guardian.aws.account_id in fact["reason"]
    for table in (first, second):
        assert closed.pitr(table) == "DISABLED"
        assert guardian.of_table(closed.arn(table)) == []
    assert guardian.backlog() == {}


def test_once_it_has_the_role_its_tables_are_looked_after(
    guardian: Headquarters, closed: Member
) -> None:
    in_its_main_region = Member(guardian.aws, CLOSED, HOME)
    guardian.welcome(in_its_main_region, HOME)
    table = guardian.protected_table_of(closed)
    assert closed.pitr(table) == "ENABLED"

"""Tables of other accounts: told with their account, never touched with the rights of who asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from moto import mock_aws

from pitr_guardian_cli.aws.ledger import Ledger
from pitr_guardian_cli.aws.members import members
from pitr_guardian_cli.checks.members import heard
from pitr_guardian_cli.commands import exempt, status, tables
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Problem
from pitr_guardian_cli.report import Report, Row, place_column
from tests.cli.ledger import NAME, Written

OWN, MEMBER = "111122223333", "444455556666"


def row(account: str, region: str = "eu-central-1", **others: Any) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:{region}:{account}:table/Orders"
    known = {"arn": arn, "name": "Orders", "account": account, "region": region}
    return {**known, "status": "drifted", "attention": "drifted", **others}


def here(**others: Any) -> Here:
    """Where a command runs; it has no door to AWS."""
    stack = SimpleNamespace(account=OWN, region="eu-central-1", table_arn=lambda name: name)
    return cast("Here", SimpleNamespace(stack=stack, door=None, **others))


def test_where_all_tables_are_the_guardians_own_only_their_region_is_told() -> None:
    heading, place = place_column(Report({"tables": [row(OWN)]}), OWN)
    assert (heading, place(Row(row(OWN)))) == ("Region", "eu-central-1")


def test_where_there_are_members_each_table_is_told_with_its_account() -> None:
    heading, place = place_column(Report({"tables": [row(OWN), row(MEMBER)]}), OWN)
    assert heading == "Account and region"
    assert place(Row(row(MEMBER))) == f"{MEMBER} eu-central-1"


def test_before_the_first_report_there_are_no_members() -> None:
    assert place_column(None, OWN)[0] == "Region"


def test_drift_of_a_member_stands_as_it_was_swept() -> None:
    assert status._is_over(here(), Row(row(MEMBER)), 0) is False


def test_a_members_table_is_shown_as_it_was_swept() -> None:
    swept = row(MEMBER, periodInDays=14, earliest="2026-11-11T00:00:00+00:00")
    found = tables._as_swept(Row(swept))
    assert found is not None
    assert (found.arn, found.switch.is_on, found.switch.period) == (swept["arn"], True, 14)
    off = tables._as_swept(Row(row(MEMBER)))
    assert off is not None
    assert not off.switch.is_on
    assert tables._as_swept(None) is None


def test_a_members_tags_are_set_with_its_own_credentials() -> None:
    with pytest.raises(Problem, match=f"table of the account {MEMBER}") as problem:
        exempt._there(here(), row(MEMBER)["arn"])
    assert "credentials of that account" in str(problem.value.remedy)


NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture
def written() -> Iterator[Written]:
    with mock_aws():
        yield Written()


def of_an_organization(written: Written, organization: str = "o-abcde12345") -> Here:
    given = {"OrganizationId": organization}
    stack = SimpleNamespace(
        account=OWN,
        parameter=lambda name: given.get(name, ""),
        output=lambda name: f"the {name}",
    )
    ledger = Ledger(written.client, NAME)
    found = SimpleNamespace(stack=stack, ledger=ledger, now=lambda: NOW, shown=str)
    return cast("Here", found)


def hear(written: Written, account: str, region: str, hours_ago: float) -> None:
    at = NOW - timedelta(hours=hours_ago)
    written.put("members", f"{account}#{region}", heardAt=at.isoformat())


def test_without_an_organization_nobody_is_asked_about(written: Written) -> None:
    hear(written, MEMBER, "eu-central-1", 5)
    here = of_an_organization(written, organization="")
    assert list(heard(here)) == []
    assert members(here.stack, here.ledger, NOW).known == []


def test_a_member_is_silent_after_three_hours(written: Written) -> None:
    hear(written, MEMBER, "eu-central-1", 2.9)
    hear(written, MEMBER, "us-east-1", 3)
    here = of_an_organization(written)
    silent = members(here.stack, here.ledger, NOW).silent(NOW)
    assert [member.region for member in silent] == ["us-east-1"]
    [finding] = heard(here)
    assert f"nothing was heard of {MEMBER} in us-east-1" in finding.text
    assert "organization/member.yaml" in finding.remedy


def test_an_account_that_lets_nobody_in_is_found_for_a_day(written: Written) -> None:
    hear(written, MEMBER, "eu-central-1", 0.5)
    written.put("closed", MEMBER, toldAt=(NOW - timedelta(hours=23)).isoformat())
    written.put("closed", OWN, toldAt=(NOW - timedelta(hours=25)).isoformat())
    [finding] = heard(of_an_organization(written))
    assert f"{MEMBER} doesn't let the guardian in" in finding.text
    assert "InboxBusArn=the InboxBusArn" in finding.remedy


def test_members_that_are_heard_are_counted(written: Written) -> None:
    for account, region in ((MEMBER, "eu-central-1"), (MEMBER, "us-east-1"), (OWN, "us-east-1")):
        hear(written, account, region, 1)
    [finding] = heard(of_an_organization(written))
    assert finding.text == "3 regions of 2 accounts are heard of"


def test_an_organization_without_members_is_found(written: Written) -> None:
    [finding] = heard(of_an_organization(written))
    assert "no member of o-abcde12345 was ever heard of" in finding.text


def test_what_was_told_of_members_is_history_and_nobody_is_a_member_by_it(
    written: Written,
) -> None:
    detail = {"account": MEMBER, "region": "eu-central-1", "time": NOW.isoformat(), "id": "f-1"}
    told = {"detailType": "Member Heard Again", "detail": json.dumps(detail)}
    written.put("members", "incident#f-1", **told)
    here = of_an_organization(written)
    assert members(here.stack, here.ledger, NOW).known == []
    [fact] = here.ledger.incidents(NOW - timedelta(days=7))
    assert (fact.detail_type, fact.subject) == ("Member Heard Again", f"{MEMBER} eu-central-1")

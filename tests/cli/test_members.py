"""Tables of other accounts: told with their account, never touched with the rights of who asks."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from pitr_guardian_cli.commands import exempt, status, tables
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Problem
from pitr_guardian_cli.report import Report, Row, place_column

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

"""What a member doesn't allow is refused, with the parameter to change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pitr_guardian.members.leave import Deed
from pitr_guardian.tables.reference import Home
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.members import FakeMembers

HOME = Home("aws", ACCOUNT, REGION)
MEMBER = "222222222222"
THEIRS = replace(ORDERS, account=MEMBER)
PARAMETERS = {
    Deed.RESTORE: "AllowRestores",
    Deed.UNDO: "AllowUndo",
    Deed.DRILL: "AllowRestores",
}


@pytest.mark.parametrize("deed", Deed)
def test_the_guardians_own_account_isnt_asked(deed: Deed) -> None:
    assert FakeMembers().leave(HOME).why_not(ORDERS, deed) is None


@pytest.mark.parametrize("deed", Deed)
def test_what_the_roles_tag_allows_is_allowed(deed: Deed) -> None:
    tag, parameter, _ = deed.value
    leave = FakeMembers(allowing={MEMBER: {tag: "true"}}).leave(HOME)
    assert leave.why_not(THEIRS, deed) is None
    assert parameter == PARAMETERS[deed]


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("said", ["false", "True", "", None])
def test_everything_else_is_refused_with_the_parameter(deed: Deed, said: str | None) -> None:
    others = {other.value[0] for other in Deed} - {deed.value[0]}
    tags = dict.fromkeys(others, "true") | ({} if said is None else {deed.value[0]: said})
    leave = FakeMembers(allowing={MEMBER: tags}).leave(HOME)
    assert leave.why_not(THEIRS, deed) == (
        f"account {MEMBER} doesn't allow {deed.value[2]}: update its stack of "
        f"organization/member.yaml with {PARAMETERS[deed]}=true"
    )


def test_an_account_that_lets_nobody_in_is_refused_with_its_remedy() -> None:
    leave = FakeMembers(allowing={"333333333333": {}}).leave(HOME)
    assert leave.why_not(THEIRS, Deed.RESTORE) == f"account {MEMBER} is closed"

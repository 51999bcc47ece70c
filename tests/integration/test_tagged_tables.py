"""Which tables ask for drills, in all accounts and regions that are looked after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pitr_guardian.aws.drills.tagged import DynamoTaggedTables
from pitr_guardian.basics.errors import MemberClosedError, RefusedError, TryLaterError
from pitr_guardian.tables.reference import Scope, TableRef
from tests.fakes.cloudtrail import ACCOUNT, ORDERS

KEY = "pitr-guardian:drill"
OWN, FURTHER = Scope("aws", ACCOUNT, "eu-central-1"), Scope("aws", ACCOUNT, "eu-west-1")
THEIRS = [Scope("aws", account, "eu-west-1") for account in ("222222222222", "333333333333")]
SCOPES = (OWN, FURTHER, *THEIRS)


class Catalogue:
    """``sweep.ports.Catalogue``, as far as tags go."""

    def __init__(self) -> None:
        self.tagged: dict[Scope, dict[TableRef, dict[str, str]]] = {}
        self.failing: dict[Scope, Exception] = {}
        self.asked: list[Scope] = []

    def tags(self, scope: Scope, keys: Sequence[str]) -> Mapping[TableRef, Mapping[str, str]]:
        assert keys == (KEY,)
        self.asked.append(scope)
        if scope in self.failing:
            raise self.failing[scope]
        return self.tagged.get(scope, {})


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


def table_in(scope: Scope) -> TableRef:
    return replace(ORDERS, account=scope.account, region=scope.region)


def tagged(catalogue: Any, log: list[str] | None = None) -> Mapping[TableRef, str]:
    said = [] if log is None else log
    tables = DynamoTaggedTables(
        catalogue, lambda: SCOPES, ACCOUNT, lambda _, what: said.append(what)
    )
    return tables.tagged(KEY)


def test_they_are_found_wherever_they_are(catalogue: Catalogue) -> None:
    for scope in SCOPES:
        catalogue.tagged[scope] = {table_in(scope): {KEY: "daily", "other": "x"}}
    assert tagged(catalogue) == {table_in(scope): "daily" for scope in SCOPES}
    assert len(catalogue.asked) == len(SCOPES)


@pytest.mark.parametrize(
    "problem", [MemberClosedError("222222222222", "closed"), RefusedError("no"), TryLaterError("x")]
)
def test_a_member_that_cant_be_asked_holds_up_no_other(
    catalogue: Catalogue, problem: Exception
) -> None:
    closed, open_ = THEIRS
    catalogue.failing[closed] = problem
    catalogue.tagged[open_] = {table_in(open_): {KEY: "daily"}}
    log: list[str] = []
    assert tagged(catalogue, log) == {table_in(open_): "daily"}
    assert closed.account in log[0]
    assert str(problem) in log[0]


def test_the_guardians_own_account_that_cant_be_asked_is_a_failure(catalogue: Catalogue) -> None:
    catalogue.failing[FURTHER] = TryLaterError("throttled")
    with pytest.raises(TryLaterError):
        tagged(catalogue)


def test_a_member_speaks_of_its_own_tables_only(catalogue: Catalogue) -> None:
    """Else it could have others' tables restored, on the one budget."""
    one, other = THEIRS
    catalogue.tagged[one] = {table_in(other): {KEY: "daily"}, table_in(one): {KEY: "weekly"}}
    assert tagged(catalogue) == {table_in(one): "weekly"}


def test_no_tag_is_no_table(catalogue: Catalogue) -> None:
    catalogue.tagged[OWN] = {ORDERS: {"other": "x"}}
    assert tagged(catalogue) == {}

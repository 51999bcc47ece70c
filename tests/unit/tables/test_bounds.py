"""A name that a pattern takes, and the request that the stack will take."""

import pytest

from pitr_guardian.restore.request import request_from
from pitr_guardian.tables.bounds import (
    Bounds,
    name_like,
    rescue_of,
    takes,
)
from pitr_guardian.tables.reference import NAME
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.restores import HOME

BACKUP = f"{ORDERS.arn}/backup/01"


@pytest.mark.parametrize(
    ("name", "pattern", "expected"),
    [
        ("orders", "*", "orders"),
        ("orders", "ord*", "orders"),
        ("orders", "restored-*", "restored-orders"),
        ("orders", "*-restored", "orders-restored"),
        ("orders", "restored-*-of-*", "restored-orders-of-"),
        ("orders", "test?-*", "test0-orders"),
        ("orders", "rescue", "rescue"),
        ("a" * 255, "restored-*", "restored-" + "a" * 246),
        ("orders", "ab", None),
        ("orders", "??", None),
        ("orders", "???", "000"),
        ("orders", "restored/*", None),
    ],
)
def test_a_name_is_kept_where_it_may_be_and_else_made(
    name: str, pattern: str, expected: str | None
) -> None:
    made = name_like(name, pattern)
    assert made == expected
    if made is not None:
        assert takes(pattern, made)
        assert NAME.fullmatch(made)


def test_a_rescue_names_the_very_backup_and_can_be_asked_for() -> None:
    for bounds, target in ((Bounds(), "orders"), (Bounds(target="new-*"), "new-orders")):
        rescue = rescue_of(ORDERS, BACKUP, bounds)
        assert isinstance(rescue, dict)
        request = request_from(rescue, "event-1", HOME)
        assert request.source(HOME) == ORDERS
        assert (request.backup_arn, request.target_table) == (BACKUP, target)


def test_what_the_stack_would_not_take_is_not_offered() -> None:
    assert rescue_of(ORDERS, BACKUP, Bounds(source="prod-*")) == (
        "The stack restores from tables named prod-* only: widen its parameter "
        "RestoreSourcePattern to restore this one."
    )
    assert rescue_of(ORDERS, BACKUP, Bounds(target="ab")) == (
        "No table name can be made that RestoreTargetPattern (ab) takes: change this parameter of "
        "the stack to restore the table."
    )

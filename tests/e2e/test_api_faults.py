"""AWS throttles, fails and loses answers: the table is protected in the end, and told of once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.e2e.guardian import DESCRIBE, UPDATE, Guardian
from tests.e2e.waiting import eventually

# More than the SDK tries in one go, so that the message has to come back as well.
MORE_THAN_THE_SDK_TRIES = 5
PASSING = (
    (UPDATE, "ThrottlingException"),
    (UPDATE, "InternalServerError"),
    (DESCRIBE, "ThrottlingException"),
    (DESCRIBE, "InternalServerError"),
    ("DescribeTable", "InternalServerError"),
    ("ListTagsOfResource", "ThrottlingException"),
)


@pytest.fixture
def role(guardian: Guardian) -> str:
    return guardian.role_of("EnforceFunction")


@dataclass(frozen=True)
class Struck:
    """A table whose remediation met a fault, that many times."""

    table: str
    hits: int


@pytest.fixture(scope="module")
def struck(guardian: Guardian) -> dict[tuple[str, str], Struck]:
    """All faults at once, each on a table of its own: what takes time, they take together."""
    role = guardian.role_of("EnforceFunction")
    tables = dict(zip(PASSING, guardian.protected_tables(len(PASSING)), strict=True))
    faults = {
        (operation, code): guardian.aws.faults.fail(
            operation, code, table=table, caller=role, times=MORE_THAN_THE_SDK_TRIES
        )
        for (operation, code), table in tables.items()
    }
    for table in tables.values():
        guardian.switch(table, on=False)
    for table in tables.values():
        guardian.fact(table, "PITR Re-enabled", within=60)
    guardian.settle(within=60)
    return {case: Struck(table, faults[case].hits) for case, table in tables.items()}


@pytest.mark.parametrize("case", PASSING, ids="-".join)
def test_a_fault_that_passes_only_takes_time(
    guardian: Guardian, struck: dict[tuple[str, str], Struck], case: tuple[str, str]
) -> None:
    table = struck[case].table
    assert struck[case].hits == MORE_THAN_THE_SDK_TRIES
    assert [fact.detail_type for fact in guardian.facts(table)] == [
        "Table Protected",
        "PITR Re-enabled",
    ]
    assert guardian.period(table) == 35


def test_a_switch_whose_answer_was_lost_is_told_of_all_the_same(
    guardian: Guardian, role: str
) -> None:
    user, table = guardian.user("dynamodb:UpdateContinuousBackups"), guardian.protected_table()
    where = {"table": table, "caller": role, "times": MORE_THAN_THE_SDK_TRIES - 1}
    with guardian.aws.faults.lose_answer(UPDATE, **where) as fault:
        guardian.switch(table, on=False, caller=user)
        fact = guardian.fact(table, "PITR Re-enabled", within=40)
        assert fault.hits >= 1
    assert fact["actor"]["arn"] == user.arn
    assert guardian.told(table) == ["Table Protected", "PITR Re-enabled"]


def test_a_fact_whose_receipt_was_lost_is_told_again_under_the_same_id(
    guardian: Guardian, role: str
) -> None:
    table = guardian.protected_table()
    with guardian.aws.faults.lose_answer("PutEvents", service="events", caller=role):
        guardian.switch(table, on=False)
        guardian.fact(table, "PITR Re-enabled")
        guardian.settle()
    told = [fact for fact in guardian.facts(table) if fact.detail_type == "PITR Re-enabled"]
    assert len(told) == 2
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("operation", "service", "code"),
    [
        ("PutEvents", "events", "InternalException"),
        ("UpdateItem", "dynamodb", "ProvisionedThroughputExceededException"),
        ("TransactWriteItems", "dynamodb", "InternalServerError"),
    ],
)
def test_what_was_put_right_but_not_told_is_told_when_that_works_again(
    guardian: Guardian, role: str, operation: str, service: str, code: str
) -> None:
    table = guardian.protected_table()
    where = {"service": service, "caller": role, "times": None}
    with guardian.impatient_queue(5):  # longer than the function tries
        with guardian.aws.faults.fail(operation, code, status=500, **where) as fault:
            guardian.switch(table, on=False)
            eventually(lambda: fault.hits >= MORE_THAN_THE_SDK_TRIES, "the message came back")
        guardian.fact(table, "PITR Re-enabled", within=40)
        guardian.settle()
    told = [fact for fact in guardian.facts(table) if fact.detail_type == "PITR Re-enabled"]
    assert len({fact["id"] for fact in told}) == 1
    if operation != "TransactWriteItems":  # it comes after the telling
        assert len(told) == 1
    assert guardian.period(table) == 35

"""A copy's structure is compared with the survey, as far as it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.proof.structure import (
    MOST_TOLD,
    StructureCheck,
    differences,
    differences_of,
)
from pitr_guardian.drills.structure import Structure
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.definition import Definition
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from tests.fakes.proofs import COPY, DRILL, ProofWorld

KEY_ARN = "arn:aws:kms:eu-central-1:111122223333:key/abc"
GLOBAL = {
    "IndexName": "by-date",
    "KeySchema": [{"AttributeName": "date", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a", "b"]},
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
}
SAME = {
    "IndexName": "by-date",
    "KeySchema": [{"AttributeName": "date", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]},
}


def structure(key: Key | None = None, **definition: Any) -> Structure:
    given = {"billing_mode": "PAY_PER_REQUEST", **definition}
    own = Key(partition=KeyAttribute(name="id", type="S"))
    return Structure(table_id="t-2", key=key or own, definition=Definition(**given))


def order(with_indexes: bool = False, **source: Any) -> DrillOrder:
    world = ProofWorld()
    world.clock.advance(7200)
    made = world.order(world.past(hours=1))
    surveyed = structure(**{"billing_mode": "PROVISIONED", **source})
    return made.model_copy(update={"source": surveyed, "with_indexes": with_indexes})


def test_a_copy_on_demand_without_indexes_is_as_asked_for() -> None:
    assert differences(order(global_indexes=(GLOBAL,)), structure()) == ()


def test_indexes_are_compared_where_they_were_asked_for() -> None:
    asked = order(with_indexes=True, global_indexes=(GLOBAL,))
    assert differences(asked, structure(global_indexes=(SAME,))) == ()
    assert differences(asked, structure()) == ("The global index by-date is missing.",)
    [told] = differences(
        asked, structure(global_indexes=({**SAME, "Projection": {"ProjectionType": "ALL"}},))
    )
    assert told.startswith("The global index by-date is {")
    assert "the table's is {" in told


def test_what_wasnt_asked_for_is_told() -> None:
    found = structure(local_indexes=(SAME,), billing_mode="PROVISIONED")
    assert differences(order(), found) == (
        "There is a local index by-date that shouldn't be there.",
        "Its throughput is provisioned; it was asked for on demand.",
    )


def test_of_many_differences_the_first_and_their_number_are_told() -> None:
    """A fact has a limit, and so has whoever reads it."""
    attributes = [f"{number:03}-{'x' * 200}" for number in range(100)]
    indexes = tuple(
        {
            **GLOBAL,
            "IndexName": f"index-{number:02}",
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": attributes},
        }
        for number in range(50)
    )
    found = tuple({**index, "Projection": {"ProjectionType": "ALL"}} for index in indexes)
    asked = order(with_indexes=True, global_indexes=indexes)
    told = differences(asked, structure(global_indexes=found))
    assert len(told) == MOST_TOLD + 1
    assert told[-1] == "And 30 more differences."
    assert all("the table's is {" in each for each in told[:-1])
    assert sum(map(len, told)) < 30_000
    one_more = differences(asked, structure(global_indexes=(*found[:21], *indexes[21:])))
    assert one_more[-1] == "And 1 more difference."


def test_another_key_is_told() -> None:
    key = Key(partition=KeyAttribute(name="id", type="N"), sort=KeyAttribute(name="at", type="S"))
    assert differences(order(), structure(key)) == (
        "The key is id (N), at (S); the table's is id (S).",
    )


@pytest.mark.parametrize(
    ("source", "copy", "said"),
    [
        ({}, {"encryption_type": "AWS_MANAGED"}, "with the key aws/dynamodb of the account; the t"),
        (
            {"encryption_type": "CUSTOMER_MANAGED", "kms_key_arn": KEY_ARN},
            {},
            f"with a key that DynamoDB owns; the table is with the key {KEY_ARN}.",
        ),
    ],
)
def test_another_encryption_is_told(
    source: dict[str, Any], copy: dict[str, Any], said: str
) -> None:
    [told] = differences(order(**source), structure(**copy))
    assert said in told


def test_in_another_region_the_key_is_another() -> None:
    asked = order(encryption_type="CUSTOMER_MANAGED", kms_key_arn=KEY_ARN)
    there = TableId.of(replace(COPY, region="eu-west-1"))
    assert differences(asked.model_copy(update={"copy_table": there}), structure()) == ()


class Structures:
    """``drills.ports.Structures`` of one table."""

    def __init__(self, found: Structure | None) -> None:
        self.found = found

    def structure_of(self, table: TableRef) -> Structure | None:
        assert table == COPY
        return self.found


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, ("The copy is gone.",)),
        (structure(), ()),
        (
            structure(local_indexes=(SAME,)),
            ("There is a local index by-date that shouldn't be there.",),
        ),
    ],
)
def test_they_are_kept_for_the_evidence(found: Structure | None, told: tuple[str, ...]) -> None:
    world = ProofWorld()
    world.clock.advance(7200)
    world.order(world.past(hours=1))
    assert differences_of(world.objects, DRILL) is None
    assert StructureCheck(world.ledger, Structures(found), world.objects).compare(DRILL) == {}
    assert differences_of(world.objects, DRILL) == told

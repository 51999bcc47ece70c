"""Exemption tags that don't exempt: reported once each, and the table is enforced."""

import pytest

from pitr_guardian.facts.facts import (
    ExemptionExpired,
    ExemptionInvalid,
)
from pitr_guardian.tables.policy import Policy
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.world import World


@pytest.fixture
def world() -> World:
    world = World(policy=Policy())
    world.tables.create(ORDERS)
    return world


@pytest.mark.parametrize("value", ["yes", "2026-02-30", "31.12.2026", "2026-12-31T00:00:00Z", ""])
def test_a_value_that_is_no_date_is_reported_and_the_table_protected(
    world: World, value: str
) -> None:
    world.tables.set_tags(ORDERS, exempt=value)
    world.look_at(ORDERS)
    assert world.tables[ORDERS].period == 35
    fact = world.facts.published[-1]
    assert isinstance(fact, ExemptionInvalid)
    assert (fact.tag_key, fact.tag_value) == ("pitr-guardian:exempt", value)


def test_an_exemption_that_is_over_is_reported_and_the_table_protected(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="2026-10-04")
    world.look_at(ORDERS)
    assert world.tables[ORDERS].period == 35
    fact = world.facts.published[-1]
    assert isinstance(fact, ExemptionExpired)
    assert fact.tag_value == "2026-10-04"


def test_each_value_is_reported_once_however_often_the_table_is_looked_at(world: World) -> None:
    for value in ("yes", "yes", "no", "no"):
        world.tables.set_tags(ORDERS, exempt=value)
        for number in range(3):
            world.look_at(ORDERS, f"sweep-{number}")
    assert world.facts.kinds.count("Exemption Invalid") == 2


def test_a_valid_exemption_is_not_reported(world: World) -> None:
    world.tables.set_tags(ORDERS, exempt="2026-10-05")
    world.look_at(ORDERS)
    assert world.facts.kinds == ["Drift Tolerated"]

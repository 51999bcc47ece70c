"""Fights: somebody keeps switching PITR off, the guardian keeps putting it on."""

import pytest

from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.advice import advice_for
from pitr_guardian.facts.facts import FightDetected
from pitr_guardian.tables.policy import Policy
from tests.fakes.cloudtrail import ALICE, ORDERS, message, switched_off, switched_on
from tests.fakes.world import World

MINUTE = 60
SINGLE = "PITR Re-enabled"


@pytest.fixture
def world() -> World:
    world = World(policy=Policy())
    world.tables.create(ORDERS)
    world.tables.switch_on(ORDERS, 35)
    world.clock.advance(10 * 86400)
    world.look_at(ORDERS)
    world.clock.advance(MINUTE)
    return world


def disable(world: World) -> None:
    world.tables.switch_off(ORDERS)
    event = switched_off(ORDERS.name, time=world.clock.now)
    world.clock.advance(1)
    world.deliver(message(event), event["eventID"])


def shorten(world: World) -> None:
    world.tables.switch_on(ORDERS, 7)
    event = switched_on(ORDERS.name, 7, time=world.clock.now)
    world.clock.advance(1)
    world.deliver(message(event), event["eventID"])


def test_the_third_time_within_an_hour_is_a_fight_with_count_actor_and_advice(world: World) -> None:
    for _ in range(3):
        disable(world)
        world.clock.advance(10 * MINUTE)
    assert world.facts.kinds == [SINGLE, SINGLE, SINGLE, "Fight Detected"]
    fight = world.facts.published[-1]
    assert isinstance(fight, FightDetected)
    assert fight.severity == "critical"
    assert fight.count == 3
    assert fight.actor is not None
    assert fight.actor.arn == ALICE["arn"]
    assert fight.advice == advice_for(fight.actor)


def test_disablings_and_shortenings_count_together(world: World) -> None:
    disable(world)
    shorten(world)
    disable(world)
    assert world.facts.kinds == [SINGLE, "Recovery Period Restored", SINGLE, "Fight Detected"]


def test_while_they_fight_the_table_is_protected_and_single_alerts_are_folded(world: World) -> None:
    for _ in range(8):
        disable(world)
        assert world.tables[ORDERS].period == 35
    assert world.facts.kinds.count("Fight Detected") == 1
    assert world.facts.kinds.count(SINGLE) == 3


def test_folded_incidents_are_in_the_ledger_all_the_same(world: World) -> None:
    for _ in range(5):
        disable(world)
    told = [fact.detail_type for fact in world.ledger.incidents(ORDERS)]
    assert told.count(SINGLE) == 5


def test_three_times_in_more_than_an_hour_are_no_fight(world: World) -> None:
    for _ in range(5):
        disable(world)
        world.clock.advance(31 * MINUTE)
    assert world.facts.kinds == [SINGLE] * 5


def test_a_fight_that_goes_on_is_told_once_an_hour(world: World) -> None:
    for _ in range(30):
        disable(world)
        world.clock.advance(5 * MINUTE)
    hours = 30 * 5 / 60
    assert 2 <= world.facts.kinds.count("Fight Detected") <= hours + 1


def test_when_the_hour_is_over_single_alerts_come_again(world: World) -> None:
    for _ in range(4):
        disable(world)
    world.clock.advance(61 * MINUTE)
    before = len(world.facts.kinds)
    disable(world)
    assert world.facts.kinds[before:] == [SINGLE]


def test_duplicates_of_an_event_dont_make_a_fight(world: World) -> None:
    world.tables.switch_off(ORDERS)
    event = message(switched_off(ORDERS.name, time=world.clock.now))
    for number in range(5):
        world.deliver(event, f"copy-{number}")
    assert world.facts.kinds == [SINGLE]


@pytest.mark.parametrize(
    ("tool", "where"),
    [
        ("CloudFormation", "PointInTimeRecoverySpecification"),
        ("CDK", "pointInTimeRecoverySpecification"),
        ("Terraform", "point_in_time_recovery"),
        ("Pulumi", "pointInTimeRecovery"),
        ("console", "person"),
        ("CLI", "script"),
        ("SDK for Python", "program"),
    ],
)
def test_the_advice_fits_the_tool(tool: str, where: str) -> None:
    assert where in advice_for(Actor(tool=tool))


def test_there_is_advice_where_nobody_is_known() -> None:
    assert "program" in advice_for(None)


def test_the_advice_holds_for_shortenings_too(world: World) -> None:
    for _ in range(3):
        shorten(world)
        world.clock.advance(10 * MINUTE)
    assert world.facts.kinds[-1] == "Fight Detected"
    for tool in ("CloudFormation", "CDK", "Terraform", "Pulumi"):
        assert "switch it off" not in advice_for(Actor(tool=tool))

"""What the ledger knows of a drill that has ended, though its functions died on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pitr_guardian.aws.ledger.drill_items import in_usd, month_key, table_key
from pitr_guardian.aws.ledger.drills import DrillLedger
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drills.answers import DrillFailure
from pitr_guardian.drills.budget import month_of
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.drills.ports import DrillNotUnderWayError
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.telling import failed_without_evidence
from tests.fakes.facts import FakeFacts
from tests.fakes.proofs import DRILL, ProofWorld

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ESTIMATE = 0.25


@pytest.fixture
def world() -> ProofWorld:
    world = ProofWorld()
    world.clock.advance(7200)
    return world


@pytest.fixture
def order(world: ProofWorld) -> DrillOrder:
    made = world.order(world.past(hours=1))
    return made.model_copy(update={"estimate_in_usd": ESTIMATE})


class Ledger:
    """The ledger's table, and what is in it."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self.client, self.name = client, name
        self.drills = DrillLedger(client, name)

    def item(self, key: dict[str, Any]) -> dict[str, Any]:
        return self.client.get_item(TableName=self.name, Key=key).get("Item", {})

    def outcome(self, order: DrillOrder) -> str | None:
        item = self.item(table_key(order.table.arn))
        return item["outcome"]["S"] if "outcome" in item else None

    def spent(self, order: DrillOrder) -> float:
        return in_usd(self.item(month_key(month_of(order.accepted_at)))["spent"]["N"])


def fail(ledger: Ledger, world: ProofWorld, error: str = "X") -> None:
    failure = DrillFailure(ledger.drills, FakeFacts(), world.clock)
    failure.fail(DRILL, error, "it failed", removed=True)


def test_who_comes_after_one_that_died_completes_what_is_known(
    dynamodb: DynamoDBClient,
    ledger_table: str,
    world: ProofWorld,
    order: DrillOrder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ledger = Ledger(dynamodb, ledger_table)
    ledger.drills.open(order)

    def killed(*_: Any) -> None:
        raise TryLaterError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(DrillLedger, "_note_outcome", killed)
        with pytest.raises(TryLaterError):
            fail(ledger, world)
    fail(ledger, world)
    assert ledger.outcome(order) == "failed"
    assert ledger.spent(order) == ESTIMATE  # nothing cheaper is known of one without evidence


def test_what_a_drill_cost_is_counted_once(
    dynamodb: DynamoDBClient, ledger_table: str, world: ProofWorld, order: DrillOrder
) -> None:
    ledger = Ledger(dynamodb, ledger_table)
    record = ledger.drills.open(order)
    dear, cheap = (
        failed_without_evidence(record, "it failed", world.clock(), removed=True).model_copy(
            update={"cost_in_usd": cost}
        )
        for cost in (1.5, 0.1)
    )
    for answer in (dear, cheap):
        told = ledger.drills.conclude(DRILL, answer).answer
        assert told
        assert told.cost_in_usd == dear.cost_in_usd
    assert ledger.spent(order) == dear.cost_in_usd


def test_no_drill_is_answered_that_there_isnt(
    dynamodb: DynamoDBClient, ledger_table: str, world: ProofWorld, order: DrillOrder
) -> None:
    failure = failed_without_evidence(DrillRecord(order), "x", world.clock(), removed=True)
    with pytest.raises(DrillNotUnderWayError):
        DrillLedger(dynamodb, ledger_table).conclude(DRILL, failure)

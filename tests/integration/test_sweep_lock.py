"""The sweep's lock, with the very conditions that the workflow sends to DynamoDB."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_STATES = json.loads((Path(__file__).parents[2] / "statemachines/sweep.asl.json").read_text())[
    "States"
]
TAKE = _STATES["Take the lock"]
KEEP = _STATES["Sweep the regions"]["ItemProcessor"]["States"]["Keep the lock"]
RELEASE = _STATES["Release the lock"]
MINUTES_30 = 30 * 60_000


class Lock:
    """The lock in the ledger, and sweeps that want it; times are milliseconds."""

    def __init__(self, dynamodb: DynamoDBClient, ledger: str) -> None:
        self._dynamodb = dynamodb
        self._ledger = ledger

    def take(self, me: str, now: int) -> bool:
        return self._do(TAKE, me, now)

    def keep(self, me: str, now: int) -> bool:
        return self._do(KEEP, me, now)

    def release(self, me: str, now: int = 0) -> bool:
        return self._do(RELEASE, me, now)

    def _do(self, state: dict[str, Any], me: str, now: int) -> bool:
        known = {":me": {"S": me}, ":now": {"N": str(now)}, ":until": {"N": str(now + MINUTES_30)}}
        update = state["Arguments"] | {
            "TableName": self._ledger,
            "ExpressionAttributeValues": {
                name: known[name] for name in state["Arguments"]["ExpressionAttributeValues"]
            },
        }
        try:
            self._dynamodb.update_item(**update)
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True


@pytest.fixture
def lock(dynamodb: DynamoDBClient, ledger_table: str) -> Lock:
    return Lock(dynamodb, ledger_table)


def test_a_lock_is_one_sweeps_at_a_time(lock: Lock) -> None:
    assert lock.take("first", 1_000)
    assert not lock.take("second", 2_000)
    assert lock.release("first")
    assert lock.take("second", 3_000)


def test_who_takes_it_again_has_it_still(lock: Lock) -> None:
    assert lock.take("first", 1_000)  # and the answer was lost
    assert lock.take("first", 2_000)
    assert not lock.take("second", 3_000)


def test_a_holder_that_died_loses_it_half_an_hour_later(lock: Lock) -> None:
    assert lock.take("first", 0)
    assert not lock.take("second", MINUTES_30)
    assert lock.take("second", MINUTES_30 + 1)
    assert not lock.keep("first", MINUTES_30 + 2)
    assert not lock.release("first")
    assert lock.keep("second", MINUTES_30 + 3)


def test_who_keeps_it_has_it_for_another_half_hour(lock: Lock) -> None:
    assert lock.take("first", 0)
    assert lock.keep("first", MINUTES_30 - 1)
    assert not lock.take("second", MINUTES_30 + 1)


def test_a_lock_that_nobody_has_cannot_be_kept(lock: Lock) -> None:
    assert not lock.keep("first", 0)


@pytest.mark.parametrize("state", [TAKE, KEEP])
def test_it_is_taken_and_kept_for_half_an_hour(state: dict[str, Any]) -> None:
    until = state["Arguments"]["ExpressionAttributeValues"][":until"]
    assert until == {"N": "{% $string($millis() + 30 * 60000) %}"}

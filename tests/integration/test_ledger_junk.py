"""What another release or hand has left in the ledger keeps no table from being protected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.aws.ledger.memory import (
    memory_from,
    unreadable_in,
)
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.drift.memory import (
    Drift,
    Memory,
)
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.reference import Scope
from tests.fakes.cloudtrail import ORDERS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
OFF = Drift(noticed_at=NOON)
KEY = {"pk": {"S": ORDERS.arn}, "sk": {"S": "memory"}}
NAMES = [
    "tableId",
    "period",
    "earliest",
    "latest",
    "seenOnAt",
    "drift",
    "tolerated",
    "lastEventId",
    "incidents",
    "foldedUntil",
    "expected",
]
JUNK: list[dict[str, Any]] = [
    {"S": "junk"},
    {"S": ""},
    {"S": "2026-10-05T12:00:00"},
    {"S": "0001-01-01T00:00:00+00:00"},
    {"S": "[" * 20_000},
    {"N": "1E+120"},
    {"N": "-7.5"},
    {"NULL": True},
    {"BOOL": True},
    {"L": [{"S": "junk"}]},
    {"M": {"S": {"S": "junk"}}},
    {"B": b"\xff"},
    {"SS": ["a"]},
]


@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(JUNK)))
def test_no_record_is_beyond_reading(item: dict[str, Any]) -> None:
    memory = memory_from(item)
    assert memory.period is None
    assert memory.window is None
    assert memory.seen_on_at is None
    assert memory.drift is None
    assert set(unreadable_in(item)) <= item.keys()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_the_rest_of_a_record_is_read(name: str, junk: dict[str, Any]) -> None:
    good = {"period": {"N": "7"}, "seenOnAt": {"S": NOON.isoformat()}}
    memory = memory_from({**good, name: junk})
    assert memory.period == (None if name == "period" else 7)
    assert memory.seen_on_at == (None if name == "seenOnAt" else NOON)


@pytest.fixture
def ledger(dynamodb: DynamoDBClient, ledger_table: str) -> DynamoLedger:
    return DynamoLedger(dynamodb, ledger_table)


@pytest.mark.parametrize(
    ("name", "junk"),
    [
        ("tableId", {"N": "7"}),
        ("tableId", {"L": []}),
        ("seenOnAt", {"S": "junk"}),  # of another type moto can't compare it
        ("drift", {"S": "junk"}),
        ("drift", {"N": "7"}),
        ("tolerated", {"S": "{}"}),
        ("period", {"S": "junk"}),
    ],
    ids=range(7),
)
def test_drift_is_noted_settled_and_remembered_over_junk(
    dynamodb: DynamoDBClient, ledger: DynamoLedger, name: str, junk: dict[str, Any]
) -> None:
    more = {"driftNoticedAt": {"S": "junk"}, "claimant": {"S": "x"}} if name == "drift" else {}
    dynamodb.put_item(TableName="ledger", Item={**KEY, name: junk, **more})
    assert ledger.notice(ORDERS, "id-1", OFF).drift == OFF
    assert ledger.claim(ORDERS, OFF, "me", NOON)
    known = Memory("id-1", 14, Window(NOON, NOON), seen_on_at=NOON)
    ledger.settle(ORDERS, known, told=None)
    assert ledger.recall(ORDERS, "id-1") == known


@pytest.mark.parametrize(("name", "junk"), [("tableId", {"N": "7"}), ("seenOnAt", {"S": "junk"})])
def test_a_sighting_is_remembered_over_junk(
    dynamodb: DynamoDBClient, ledger: DynamoLedger, name: str, junk: Any
) -> None:
    dynamodb.put_item(TableName="ledger", Item={**KEY, name: junk})
    known = Memory("id-1", 14, Window(NOON, NOON), seen_on_at=NOON)
    ledger.remember(ORDERS, known)
    assert ledger.recall(ORDERS, "id-1") == known


def test_a_sweep_reads_on_over_junk(dynamodb: DynamoDBClient, ledger_table: str) -> None:
    dynamodb.put_item(TableName="ledger", Item={**KEY, "seenOnAt": {"S": "junk"}})
    dynamodb.put_item(
        TableName="ledger",
        Item={
            "pk": {"S": "sweep"},
            "sk": {"S": f"trail#{ORDERS.account}#{ORDERS.region}"},
            "toldAt": {"N": "7"},
        },
    )
    sweeps = SweepLedger(dynamodb, ledger_table)
    assert sweeps.recall_all([ORDERS]) == {ORDERS: Memory()}
    assert sweeps.last_told(Scope("aws", ORDERS.account, ORDERS.region)) is None

"""What goes over the bus is what the contract says, to the letter."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
    ExemptionNoted,
    Exposure,
    Fact,
    HistoryLost,
    LostWindow,
    PeriodInvalid,
    PitrReenabled,
    ProtectionFailed,
    RecoveryPeriodRestored,
    TableId,
    TableProtected,
    fact_id,
)
from tests.fakes.cloudtrail import ORDERS

TIME = datetime(2026, 10, 5, 9, 0, 0, 987654, UTC)
OFF, LATEST = datetime(2026, 10, 5, 8, tzinfo=UTC), datetime(2026, 10, 5, 7, 55, tzinfo=UTC)
TABLE = TableId.of(ORDERS)
ALICE = Actor(arn="arn:aws:iam::111122223333:user/alice", source_ip="203.0.113.7")

ENVELOPE = {
    "version": "1",
    "id": "f-1",
    "time": "2026-10-05T09:00:00.987Z",
    "severity": "warning",
    "reason": "Because.",
    "table": {
        "arn": "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
        "name": "orders",
        "account": "111122223333",
        "region": "eu-central-1",
    },
    "actor": {"arn": "arn:aws:iam::111122223333:user/alice", "sourceIp": "203.0.113.7"},
}

COMMON: dict[str, Any] = {
    "id": "f-1",
    "time": TIME,
    "severity": "warning",
    "reason": "Because.",
    "table": TABLE,
    "actor": ALICE,
}

FACTS: dict[str, tuple[Fact, dict[str, Any]]] = {
    "PITR Re-enabled": (
        PitrReenabled(
            **COMMON,
            recovery_period_in_days=35,
            exposure=Exposure(from_=OFF, to=TIME, seconds=3600.988),
            lost_window=LostWindow(earliest=LATEST, latest=OFF),
        ),
        {
            "recoveryPeriodInDays": 35,
            "exposure": {
                "from": "2026-10-05T08:00:00.000Z",
                "to": "2026-10-05T09:00:00.987Z",
                "seconds": 3600.988,
            },
            "lostWindow": {
                "earliest": "2026-10-05T07:55:00.000Z",
                "latest": "2026-10-05T08:00:00.000Z",
            },
        },
    ),
    "Recovery Period Restored": (
        RecoveryPeriodRestored(**COMMON, from_=1, to=35, lost_window=None),
        {"from": 1, "to": 35, "lostWindow": None},
    ),
    "History Lost": (
        HistoryLost(
            **COMMON,
            how="by-tag",
            lost_window=LostWindow(earliest=LATEST, latest=OFF),
            recovery_period_in_days=7,
        ),
        {
            "how": "by-tag",
            "lostWindow": {
                "earliest": "2026-10-05T07:55:00.000Z",
                "latest": "2026-10-05T08:00:00.000Z",
            },
            "recoveryPeriodInDays": 7,
        },
    ),
    "Period Invalid": (
        PeriodInvalid(**COMMON, tag_key="recovery", tag_value="36"),
        {"tagKey": "recovery", "tagValue": "36"},
    ),
    "Exemption Noted": (
        ExemptionNoted(
            **COMMON, exempt_until="2026-12-31", exempt_reason="a test bed", exempt_owner=None
        ),
        {"exemptUntil": "2026-12-31", "exemptReason": "a test bed", "exemptOwner": None},
    ),
    "Table Protected": (
        TableProtected(**COMMON, created_by="CreateTable", recovery_period_in_days=35),
        {"createdBy": "CreateTable", "recoveryPeriodInDays": 35},
    ),
    "Drift Detected": (
        DriftDetected(**COMMON, drift="pitr-off", lost_window=None),
        {"drift": "pitr-off", "lostWindow": None},
    ),
    "Drift Tolerated": (
        DriftTolerated(
            **COMMON,
            exempt_until="2026-12-31",
            exempt_reason=None,
            exempt_owner="team-a",
            lost_window=None,
        ),
        {
            "exemptUntil": "2026-12-31",
            "exemptReason": None,
            "exemptOwner": "team-a",
            "lostWindow": None,
        },
    ),
    "Protection Failed": (ProtectionFailed(**COMMON, error="Boom"), {"error": "Boom"}),
}


@pytest.mark.parametrize("detail_type", FACTS)
def test_every_fact_has_the_shape_of_the_contract(detail_type: str) -> None:
    fact, also = FACTS[detail_type]
    assert fact.detail_type == detail_type
    assert fact.detail() == ENVELOPE | also


def test_what_is_unknown_is_null_and_not_absent() -> None:
    fact = PitrReenabled(
        **COMMON | {"actor": None},
        recovery_period_in_days=35,
        exposure=Exposure(from_=OFF, to=TIME, seconds=1),
        lost_window=None,
    )
    detail = fact.detail()
    assert detail["actor"] is None
    assert detail["lostWindow"] is None


def test_what_is_unknown_of_an_actor_is_absent() -> None:
    detail = TableProtected(
        **COMMON | {"actor": Actor(type="Root")}, created_by=None, recovery_period_in_days=1
    ).detail()
    assert detail["actor"] == {"type": "Root"}
    assert detail["createdBy"] is None


def test_a_fact_takes_no_field_and_no_severity_that_the_contract_does_not_know() -> None:
    with pytest.raises(ValidationError):
        ProtectionFailed.model_validate(COMMON | {"error": "x", "hint": "y"})
    with pytest.raises(ValidationError):
        ProtectionFailed.model_validate(COMMON | {"error": "x", "severity": "fatal"})


def test_an_id_stays_the_same_for_the_same_happening_and_only_for_that() -> None:
    assert fact_id("orders", "off", "e-1") == fact_id("orders", "off", "e-1")
    assert fact_id("orders", "off", "e-1") != fact_id("orders", "off", "e-2")
    # Ids are kept by subscribers: one that changes with a release is news twice.
    assert fact_id("a", "b") == "87654bd7-17a0-5a82-85d6-358a7f64217b"

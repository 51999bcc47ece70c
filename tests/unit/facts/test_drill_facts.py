"""Facts about drills, as they go over the wire and as people read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.facts.announcement import subject_of, text_of
from pitr_guardian.facts.drill_facts import (
    DrillFact,
    DrillFailed,
    DrillPassed,
    DrillRejected,
    DrillSkipped,
    DrillStarted,
    ItemCounts,
    RecoveryPoint,
    RecoveryTime,
)
from pitr_guardian.facts.facts import TableId
from pitr_guardian.tables.reference import TableRef

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
TABLE = TableId.of(TableRef("aws", "123456789012", "eu-central-1", "orders"))
ALIKE: dict[str, Any] = {"id": "f-1", "time": NOON, "severity": "info", "reason": "So it is."}
COMMON = ALIKE | {
    "drill_id": "d-1",
    "requested_by": "anna",
    "request_reason": "audit",
    "table": TABLE,
    "restored_to": NOON,
}
ENDED: dict[str, Any] = {
    "kind": "full",
    "recovery_time": RecoveryTime(asked=NOON, active=NOON, verified=NOON, seconds=754),
    "recovery_point": RecoveryPoint(latest=NOON, seconds=280),
    "items": ItemCounts(compared=1000, equal=990, explained=10),
    "structure": (),
    "removed": True,
    "cost_in_usd": 0.31,
    "evidence_uri": "s3://evidence/2026/d-1.json",
    "evidence_sha256": "a" * 64,
    "previous_sha256": "0" * 64,
}
PASSED = DrillPassed(**COMMON, **ENDED)
FAILED = DrillFailed(**COMMON, **ENDED, error="CopyDeleted: somebody did")


def test_the_answer_has_the_fields_of_the_contract() -> None:
    assert PASSED.detail() == {
        "version": "1",
        "id": "f-1",
        "time": "2026-11-25T12:00:00.000Z",
        "severity": "info",
        "reason": "So it is.",
        "drillId": "d-1",
        "requestedBy": "anna",
        "requestReason": "audit",
        "table": TABLE.model_dump(),
        "restoredTo": "2026-11-25T12:00:00.000Z",
        "kind": "full",
        "recoveryTime": {
            "asked": "2026-11-25T12:00:00.000Z",
            "active": "2026-11-25T12:00:00.000Z",
            "verified": "2026-11-25T12:00:00.000Z",
            "seconds": 754.0,
        },
        "recoveryPoint": {"latest": "2026-11-25T12:00:00.000Z", "seconds": 280.0},
        "items": {"compared": 1000, "equal": 990, "explained": 10, "mismatched": 0},
        "structure": [],
        "removed": True,
        "costInUsd": 0.31,
        "evidenceUri": "s3://evidence/2026/d-1.json",
        "evidenceSha256": "a" * 64,
        "previousSha256": "0" * 64,
    }


@pytest.mark.parametrize(
    ("fact", "subject"),
    [
        (PASSED, "[INFO] orders can be restored: it was proved"),
        (FAILED, "[INFO] It is NOT proved that orders can be restored"),
        (
            FAILED.model_copy(update={"items": ItemCounts(compared=2, mismatched=1)}),
            "[INFO] A restored copy of orders is WRONG",
        ),
        (DrillRejected(**COMMON, error="no"), "[INFO] Drill of orders was refused"),
        (
            DrillStarted(
                **COMMON,
                account="123456789012",
                occasion="tag",
                kind="full",
                estimate_in_usd=0.4,
            ),
            "[INFO] A restore of orders is being proved",
        ),
    ],
)
def test_the_subject_says_what_happened_to_which_table(fact: DrillFact, subject: str) -> None:
    assert subject_of(fact.detail_type, fact.detail()) == subject


def test_the_text_has_the_measures_and_the_evidence() -> None:
    text = text_of("Drill Passed", PASSED.detail())
    for line in (
        "Drill: d-1",
        "As of: 2026-11-25T12:00:00.000Z",
        "Recovery took: 12 min 34 s",
        "Newest restorable instant was behind by: 4 min 40 s",
        "Items compared: 1000",
        "Items that don't match: 0",
        "Copy removed: yes",
        "Cost in USD: 0.31",
        "Evidence: s3://evidence/2026/d-1.json",
    ):
        assert line in text
    assert "What to do: Nothing; the evidence is kept." in text


def test_the_advice_follows_the_error() -> None:
    assert "Find out who deleted the copy" in text_of("Drill Failed", FAILED.detail())
    other = FAILED.model_copy(update={"error": "1 of 20 items don't match"})
    assert "take an on-demand backup" in text_of("Drill Failed", other.detail())


def test_what_is_skipped_is_told_with_the_budget() -> None:
    fact = DrillSkipped(
        **ALIKE,
        table=TABLE,
        period="weekly",
        estimate_in_usd=12.5,
        budget_in_usd=10,
        left_in_usd=2.25,
    )
    assert subject_of(fact.detail_type, fact.detail()).endswith("the month's budget is used up")
    text = text_of(fact.detail_type, fact.detail())
    assert "Would cost in USD: 12.5\nBudget in USD: 10\nLeft of it in USD: 2.25" in text
    assert "DrillMonthlyBudgetUsd" in text


@pytest.mark.parametrize("kind", ["Passed", "Failed", "Started", "Skipped", "Rejected", "Else"])
def test_a_fact_that_is_not_as_the_contract_has_it_fails_nothing(kind: str) -> None:
    detail = {"drillId": 5, "items": "many", "structure": {"a": 1}, "recoveryTime": None}
    assert subject_of(f"Drill {kind}", detail)
    assert text_of(f"Drill {kind}", detail | {"structure": [1, None, "x"], "budgetInUsd": []})

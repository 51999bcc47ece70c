"""What is told of undos: the facts to the letter, and their words for a person at night."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.facts.announcement import announcement_of, subject_of, text_of
from pitr_guardian.facts.facts import TableId
from pitr_guardian.facts.undo_facts import (
    OutcomeCounts,
    PlanCounts,
    UndoAccepted,
    UndoCompleted,
    UndoEstimate,
    UndoFact,
    UndoFailed,
    UndoPlanned,
    UndoRejected,
)
from tests.fakes.cloudtrail import ORDERS

TIME = datetime(2026, 11, 25, 10, 0, 0, 987654, UTC)
COMMON: dict[str, Any] = {
    "id": "f-1",
    "time": TIME,
    "severity": "info",
    "reason": "Because.",
    "plan_id": "u-1",
    "requested_by": "alice",
    "request_reason": None,
    "table": TableId.of(ORDERS),
    "from_": TIME,
    "to": TIME,
}
ENVELOPE = {
    "version": "1",
    "id": "f-1",
    "time": "2026-11-25T10:00:00.987Z",
    "severity": "info",
    "reason": "Because.",
    "planId": "u-1",
    "requestedBy": "alice",
    "requestReason": None,
    "table": TableId.of(ORDERS).model_dump(),
    "from": "2026-11-25T10:00:00.987Z",
    "to": "2026-11-25T10:00:00.987Z",
}
PLANNED = UndoPlanned(
    **COMMON,
    fingerprint="ab",
    expires_at=TIME,
    counts=PlanCounts(remove=1, put_back=2, revert=3, merge=4, conflict=5, expired=6, as_before=7),
    estimate=UndoEstimate(cost_in_usd=0.5, write_units=1200, seconds=61),
    plan_uri="s3://b/page.html",
    items_uri="s3://b/items.jsonl",
)
COMPLETED = UndoCompleted(
    **COMMON,
    account="111122223333",
    counts=OutcomeCounts(removed=1, put_back=2, reverted=3, merged=4, conflict=5, failed=6),
    verified=10,
    doubtful=1,
    seconds=61,
    report_uri="s3://b/report.html",
)
FACTS: dict[str, tuple[UndoFact, dict[str, Any]]] = {
    "Undo Accepted": (
        UndoAccepted(**COMMON, account="111122223333"),
        {"account": "111122223333"},
    ),
    "Undo Planned": (
        PLANNED,
        {
            "fingerprint": "ab",
            "expiresAt": "2026-11-25T10:00:00.987Z",
            "counts": {
                "remove": 1,
                "putBack": 2,
                "revert": 3,
                "merge": 4,
                "conflict": 5,
                "expired": 6,
                "asBefore": 7,
            },
            "estimate": {"costInUsd": 0.5, "writeUnits": 1200, "seconds": 61},
            "planUri": "s3://b/page.html",
            "itemsUri": "s3://b/items.jsonl",
        },
    ),
    "Undo Completed": (
        COMPLETED,
        {
            "account": "111122223333",
            "counts": {
                "removed": 1,
                "putBack": 2,
                "reverted": 3,
                "merged": 4,
                "conflict": 5,
                "failed": 6,
            },
            "verified": 10,
            "doubtful": 1,
            "seconds": 61,
            "reportUri": "s3://b/report.html",
        },
    ),
    "Undo Rejected": (UndoRejected(**COMMON, error="no"), {"error": "no"}),
    "Undo Failed": (
        UndoFailed(**COMMON, phase="apply", error="Boom: x"),
        {"phase": "apply", "error": "Boom: x"},
    ),
}


@pytest.mark.parametrize("detail_type", FACTS)
def test_every_fact_has_the_shape_of_the_contract(detail_type: str) -> None:
    fact, also = FACTS[detail_type]
    assert fact.detail_type == detail_type
    assert fact.detail() == ENVELOPE | also
    assert type(fact).model_validate(fact.detail()).detail() == fact.detail()


def detail(detail_type: str, **others: Any) -> dict[str, Any]:
    return {**FACTS[detail_type][0].detail(), **others}


@pytest.mark.parametrize(
    ("detail_type", "others", "subject"),
    [
        ("Undo Accepted", {}, "[INFO] An undo in orders is being planned"),
        ("Undo Planned", {}, "[INFO] Approve? 10 items to put right in orders, 5 conflicts"),
        (
            "Undo Planned",
            {"counts": {"revert": 1}},
            "[INFO] Approve? 1 item to put right in orders",
        ),
        (
            "Undo Planned",
            {"counts": {"conflict": 1}},
            "[INFO] Nothing can be put right in orders, 1 conflict",
        ),
        ("Undo Planned", {"counts": None}, "[INFO] Nothing can be put right in orders"),
        (
            "Undo Completed",
            {},
            "[INFO] 10 items put right in orders, 5 conflicts, 6 FAILED",
        ),
        ("Undo Completed", {"counts": {"merged": 1}}, "[INFO] 1 item put right in orders"),
        ("Undo Rejected", {}, "[INFO] Undo in orders was refused"),
        ("Undo Failed", {}, "[INFO] Undo in orders FAILED half-way"),
        ("Undo Failed", {"phase": "plan"}, "[INFO] Undo in orders could NOT be planned"),
        ("Undo Something", None, "[INFO] Undo Something in a table"),
    ],
)
def test_the_first_line_is_enough_at_night(
    detail_type: str, others: dict[str, Any] | None, subject: str
) -> None:
    told = {} if others is None else detail(detail_type, **others)
    assert subject_of(detail_type, told) == subject


def test_a_plan_is_told_with_what_it_takes_to_approve_it() -> None:
    text = text_of("Undo Planned", detail("Undo Planned"))
    for line in (
        "Plan: u-1",
        "Damage since: 2026-11-25T10:00:00.987Z",
        "To revert: 3",
        "Conflicts, left as they are: 5",
        "Cost in USD: 0.5",
        "Would take: 1 min 1 s",
        "Can be approved until: 2026-11-25T10:00:00.987Z",
        "Fingerprint: ab",
        "Page: s3://b/page.html",
        "Items: s3://b/items.jsonl",
    ):
        assert f"\n{line}\n" in text
    assert "`Undo Approved` with planId and fingerprint" in text


def test_what_was_done_is_told_with_the_way_back() -> None:
    text = text_of("Undo Completed", detail("Undo Completed"))
    assert "\nReverted: 3\n" in text
    assert "\nFound as planned when read again: 10\n" in text
    assert "\nTook: 1 min 1 s\n" in text
    assert "\nReport: s3://b/report.html\n" in text
    assert "with conflicts `overwrite`" in text
    assert "ask for an undo with revert u-1" in text
    clean = text_of("Undo Completed", detail("Undo Completed", counts={"reverted": 1}))
    assert "overwrite" not in clean
    assert "ask for an undo with revert u-1" in clean


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({"phase": "plan"}, "Nothing was changed. When the error's cause is gone"),
        ({}, "What was written can be put back by `revert` with this plan's id"),
        ({"error": "PlanChangedError: x"}, "Find out who wrote to the undos' bucket"),
        ({"error": "HistoryGoneError: x", "phase": "plan"}, "The table's history is gone"),
    ],
)
def test_a_failure_says_what_to_do(others: dict[str, Any], said: str) -> None:
    assert said in text_of("Undo Failed", detail("Undo Failed", **others))


RESTORED = {
    "table": {"name": "orders"},
    "targetTable": "orders-copy",
    "restoreTo": "2026-11-25T10:00:00Z",
}


@pytest.mark.parametrize("pattern", ["*", "ord*", "orders"])
def test_a_restored_table_is_told_with_the_undo_in_place(pattern: str) -> None:
    bodies = announcement_of("Restore Completed", RESTORED, undo_pattern=pattern).bodies
    assert "Compare the new table with the old one" in bodies["email"]
    assert "can be put back in orders itself, and what came since stays" in bodies["email"]


@pytest.mark.parametrize(
    ("pattern", "others"),
    [
        ("", {}),
        ("audit-*", {}),
        ("*", {"table": None}),
        ("*", {"restoreTo": "deletion"}),
        ("*", {"restoreTo": "arn:aws:dynamodb:…/backup/01"}),
    ],
)
def test_no_undo_is_offered_where_there_is_none(pattern: str, others: dict[str, Any]) -> None:
    told = announcement_of("Restore Completed", {**RESTORED, **others}, undo_pattern=pattern)
    assert "in orders itself" not in told.bodies["email"]
    assert "Undo Requested" not in told.bodies["email"]

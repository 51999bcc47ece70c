"""Drills to look at: one as it mostly goes, one that failed in every way, and a year."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pitr_guardian.drills.evidence.chain import FIRST, Link
from pitr_guardian.drills.evidence.evidence import (
    Asked,
    Cost,
    Evidence,
    ExportTold,
    Items,
    Targets,
)
from pitr_guardian.drills.evidence.page import evidence_page
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.evidence.year import KnownTable, year_of
from pitr_guardian.drills.evidence.year_page import year_page
from pitr_guardian.drills.proof.certainty import at_most_wrong, proves
from pitr_guardian.drills.proof.comparing import Mismatch
from pitr_guardian.drills.proof.rounds import Looked, Tally
from pitr_guardian.facts.drill_facts import RecoveryPoint, RecoveryTime
from pitr_guardian.facts.facts import TableId
from tests.fakes.cloudtrail import ACCOUNT, ORDERS

ASKED = datetime(2026, 11, 25, 3, 14, 7, tzinfo=UTC)
AT = datetime(2026, 11, 9, 17, 2, 41, tzinfo=UTC)
BEFORE = Link(key="evidence/2026/d-0-0123456789ab.json", sha256="ab" * 32)


def evidence(**changed: Any) -> Evidence:
    """A drill that passed."""
    tally = Tally(equal=961, explained=39, resting=940)
    verified = ASKED + timedelta(minutes=14, seconds=3)
    made = Evidence(
        drill_id="d-1",
        kind="full",
        outcome="passed",
        objections=(),
        table=TableId.of(ORDERS),
        table_uid="t-1",
        asked=Asked(
            occasion="tag",
            account=ACCOUNT,
            requested_by=None,
            reason=None,
            at="random",
            sample=1000,
        ),
        restored_to=AT,
        copy_table=TableId.of(replace(ORDERS, name="pitr-guardian-drill-d-1")),
        copy_removed=True,
        recovery_time=RecoveryTime(
            asked=ASKED,
            active=ASKED + timedelta(minutes=11),
            verified=verified,
            seconds=843.0,
        ),
        recovery_point=RecoveryPoint(latest=ASKED - timedelta(minutes=5), seconds=300.0),
        targets=Targets(rto_minutes=60, rpo_minutes=15),
        items=Items(
            compared=1000,
            equal=961,
            explained=39,
            mismatched=0,
            unsettled=0,
            drawn={"copy": 500, "history": 250, "live": 250},
            at_most_wrong=at_most_wrong(1000),
            proves=proves(1000),
            mismatches=(),
            rounds=(
                Looked(number=0, compared_at=verified, tally=tally),
                Looked(number=1, compared_at=verified + timedelta(minutes=21), tally=tally),
            ),
        ),
        structure=(),
        exports=tuple(
            ExportTold(
                round=0,
                name=f"0-{number:03}",
                arn=f"{ORDERS.arn}/export/0169509721800{number}-d6299cbd",
                from_=AT + timedelta(days=number),
                to=AT + timedelta(days=number + 1),
                items=1200 + number,
                bytes=4_000_000,
            )
            for number in range(3)
        ),
        cost_in_usd=Cost(
            total=1.8342,
            restore=1.81,
            exports=0.0162,
            reads=0.0031,
            work=0.0049,
            prices_as_of="2026-11-25",
        ),
        concluded_at=ASKED + timedelta(minutes=37),
    )
    return made.model_copy(update=changed)


def failed_evidence() -> Evidence:
    """A drill that failed in every way, asked for by somebody who tries to be clever."""
    passed = evidence()
    assert passed.items is not None
    wrong = tuple(Mismatch(key_sha256=f"{number:064x}", how="missing") for number in range(3))
    return evidence(
        outcome="failed",
        objections=(
            "3 of 1,000 compared items are not as they were.",
            "The structure differs: The key is id (S); the table's is id (N).",
            "Recovery took 81.0 minutes; the table's target is 60.",
        ),
        asked=passed.asked.model_copy(
            update={
                "occasion": "event",
                "requested_by": "<script>alert(1)</script>",
                "reason": "\u202equarterly\u202c",
            }
        ),
        items=passed.items.model_copy(
            update={
                "equal": 958,
                "mismatched": 3,
                "at_most_wrong": None,
                "proves": "997 of 1,000 compared items were right.",
                "mismatches": wrong,
            }
        ),
        structure=("The key is id (S); the table's is id (N).",),
        copy_removed=False,
    )


def page_of(shown: Evidence, previous: Link = FIRST) -> str:
    """The page of a drill."""
    return evidence_page(shown, previous)


def summary(
    table: str = "orders",
    asked: datetime = ASKED,
    outcome: Literal["passed", "failed"] = "passed",
    kind: str = "full",
    seconds: float | None = 843.0,
) -> DrillSummary:
    """A drill in a line."""
    drill_id = f"{table}-{asked:%m%d}"
    return DrillSummary(
        drill_id=drill_id,
        table=TableId.of(replace(ORDERS, name=table)),
        kind=kind,
        outcome=outcome,
        asked=asked,
        restored_to=asked - timedelta(days=9),
        seconds=seconds if outcome == "passed" else None,
        active_seconds=660.0 if kind == "full" else None,
        compared=1000,
        mismatched=0 if outcome == "passed" else 3,
        cost_in_usd=1.83,
        link=Link(key=f"evidence/2026/{drill_id}-cafe.json", sha256="cd" * 32),
        page_key=f"evidence/2026/{drill_id}-beef.html",
        previous_sha256="ab" * 32,
    )


def year() -> str:
    """The page of a year."""
    drills = [
        *(summary("orders", ASKED - timedelta(days=30 * number)) for number in range(9)),
        summary("carts", outcome="failed"),
        summary("carts", ASKED - timedelta(days=90)),
        summary("clicks", kind="small", seconds=None),
        summary("gone", ASKED - timedelta(days=200)),
    ]
    known = [
        KnownTable(replace(ORDERS, name=name))
        for name in ("orders", "carts", "clicks", "prices", "sessions")
    ]
    return year_page(2026, year_of(drills, known), ASKED)

"""Each invariant of drills can be broken: a made-up record that breaks it is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos import drill_invariants
from tests.chaos.drill_invariants import DRILL_INVARIANTS
from tests.chaos.invariants import Invariant, violations
from tests.chaos.record import ApiCall, Asked, Drills, Fact, ItemWrite, Json, Piece, Record
from tests.chaos.ways import ABANDONED_DRILL, COPY, REMOVE_COPY, SAMPLE

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
DRILL, TABLE, GUARDIAN = "drill-1", {"name": "vault"}, "pitr-guardian-Drills"
COPY_TABLE = f"pitr-guardian-drill-{DRILL}"
SHA, BEFORE = "a" * 64, "b" * 64
RIGHT_ITEMS = {"compared": 8, "equal": 7, "explained": 1, "mismatched": 0}
SAME: Json = {
    "drillId": DRILL,
    "kind": "full",
    "table": TABLE,
    "restoredTo": "2026-10-05T10:00:00.000Z",
    "recoveryTime": {"seconds": 9.0},
    "recoveryPoint": {"seconds": 1.0},
    "structure": [],
}
REQUEST = Asked("e-1", {"requestId": DRILL, "table": "vault"})


def told(seconds: float, what: str, /, **more: Any) -> Fact:
    time = (NOON + timedelta(seconds=seconds)).isoformat()
    detail = {"id": f"{what} {more.pop('id', '')}", "time": time, "drillId": DRILL, **more}
    return Fact(f"Drill {what}", detail | {"table": detail.get("table", TABLE)})


def answer(what: str = "Passed", /, **more: Any) -> Fact:
    evidence = {
        "evidenceUri": f"s3://evidence/evidence/2026/{DRILL}.json",
        "evidenceSha256": SHA,
        "previousSha256": BEFORE,
    }
    found = {"items": RIGHT_ITEMS, "removed": True, "costInUsd": 0.03}
    return told(30, what, **(SAME | evidence | found | more))


def piece(outcome: str = "passed", /, **more: Any) -> Piece:
    document: Json = {
        **SAME,
        "outcome": outcome,
        "objections": [] if outcome == "passed" else ["Because."],
        "items": {**RIGHT_ITEMS, "rounds": []},
        "copyRemoved": True,
        "costInUsd": {"total": 0.03},
        "previous": {"key": "before", "sha256": BEFORE},
    }
    return Piece(f"evidence/2026/{DRILL}.json", SHA, document | more)


def call(seconds: float, name: str, role: str, table: str = COPY_TABLE) -> ApiCall:
    return ApiCall(NOON + timedelta(seconds=seconds), name, table, f"{GUARDIAN}{role}1", {})


STARTED = told(1, "Started", occasion="event")
MADE = call(2, "RestoreTableToPointInTime", COPY)
REMOVED = call(20, "DeleteTable", REMOVE_COPY)
EMPTY = {"compared": 0, "equal": 0, "explained": 0, "mismatched": 0}
NO_EVIDENCE: Json = {"evidenceUri": None, "evidenceSha256": None, "previousSha256": None}
SKIPPED = {"drillId": None, "estimateInUsd": 0.03, "leftInUsd": 0.01}


def of(
    *facts: Fact, evidence: tuple[Piece, ...] = (), asked: int = 1, drills: Json | None = None
) -> Record:
    """A record of a drill in which every fact became an alert."""
    return Record(
        facts=facts,
        alerts=tuple(fact.id for fact in facts),
        drill_requests=(REQUEST,) * asked,
        drills=Drills(**{"copy_calls": (MADE, REMOVED), "evidence": evidence, **(drills or {})}),
    )


def passed(**drills: Any) -> Record:
    return of(STARTED, answer(), evidence=(piece(),), drills=drills)


def rejected(id: str = "r-1") -> Fact:
    return told(1, "Rejected", id=id)


RIGHT = {
    "a drill passed": passed(),
    "the same request came twice": replace(passed(), drill_requests=(REQUEST,) * 2),
    "another request of that id was refused": of(
        STARTED, answer(), rejected(), evidence=(piece(),), asked=2
    ),
    "a drill was due": of(
        told(1, "Started", occasion="tag"), answer(), evidence=(piece(),), asked=0
    ),
    "a drill failed, and nothing was compared": of(
        *(STARTED, answer("Failed", items=EMPTY)),
        evidence=(piece("failed", items=None),),
    ),
    "no evidence could be written": of(STARTED, answer("Failed", **NO_EVIDENCE)),
    "what wasn't removed was removed later": of(
        *(STARTED, answer("Failed", removed=False, **NO_EVIDENCE)),
        drills={"copy_calls": (MADE, call(99, "DeleteTable", ABANDONED_DRILL))},
    ),
    "a request was refused": of(rejected(), drills={"copy_calls": ()}),
    "two tables were skipped": of(
        *(told(1, "Skipped", id=name, table={"name": name}, **SKIPPED) for name in "ab"), asked=0
    ),
    "a table was exported, and changed by somebody else": replace(
        passed(),
        writes={"vault": (ItemWrite(NOON, "customer", "apples", None, {"price": {"N": "1"}}),)},
        calls=(call(3, "ExportTableToPointInTime", "-StartDrillExportsRole-", "vault"),),
    ),
}

WRONG: list[tuple[str, Invariant, Record]] = [
    (
        "a request was never answered",
        drill_invariants.each_drill_request_got_one_answer,
        of(),
    ),
    (
        "a drill was started, and nothing came of it",
        drill_invariants.each_drill_request_got_one_answer,
        of(STARTED),
    ),
    (
        "a drill ended that was never said to be started",
        drill_invariants.each_drill_request_got_one_answer,
        of(answer(), evidence=(piece(),)),
    ),
    (
        "a drill passed and failed",
        drill_invariants.each_drill_request_got_one_answer,
        of(STARTED, answer(), answer("Failed"), evidence=(piece(),)),
    ),
    (
        "a request was refused, and drilled",
        drill_invariants.each_drill_request_got_one_answer,
        of(STARTED, answer(), rejected(), evidence=(piece(),)),
    ),
    (
        "nobody asked for it",
        drill_invariants.each_drill_request_got_one_answer,
        of(STARTED, answer(), evidence=(piece(),), asked=0),
    ),
    (
        "a table was skipped twice",
        drill_invariants.no_drill_was_skipped_twice,
        of(*(told(1, "Skipped", id=each, **SKIPPED) for each in "ab")),
    ),
    (
        "a table was skipped, and the budget allows it",
        drill_invariants.no_drill_was_skipped_twice,
        of(told(1, "Skipped", **(SKIPPED | {"leftInUsd": 100.0}))),
    ),
    (
        "a copy is there a day later",
        drill_invariants.no_copy_is_left_after_a_day,
        passed(left=(COPY_TABLE,)),
    ),
    (
        "the ledger takes a drill for open a day later",
        drill_invariants.no_copy_is_left_after_a_day,
        passed(marks=(f"open#{DRILL}",)),
    ),
    (
        "a copy is said to be removed, and was removed later",
        drill_invariants.what_is_said_to_be_removed_is,
        passed(copy_calls=(MADE, call(99, "DeleteTable", ABANDONED_DRILL))),
    ),
    (
        "two copies were made",
        drill_invariants.what_is_said_to_be_removed_is,
        passed(copy_calls=(MADE, MADE, REMOVED)),
    ),
    (
        "the birth of a copy was told",
        drill_invariants.nobody_hears_of_a_copy,
        of(told(3, "x", table={"name": COPY_TABLE})),
    ),
    (
        "a copy was protected",
        drill_invariants.nobody_hears_of_a_copy,
        passed(copy_calls=(MADE, call(5, "UpdateContinuousBackups", "-EnforceRole-"), REMOVED)),
    ),
    (
        "the chain breaks",
        drill_invariants.the_evidence_is_a_chain,
        passed(broken="x.json isn't as it was written"),
    ),
    (
        "evidence was kept, and its answer has none",
        drill_invariants.each_answer_has_its_evidence,
        of(STARTED, answer("Failed", **NO_EVIDENCE), evidence=(piece(),)),
    ),
    (
        "evidence was kept twice",
        drill_invariants.each_answer_has_its_evidence,
        of(STARTED, answer(), evidence=(piece(), replace(piece(), sha256="c" * 64))),
    ),
    (
        "an answer's evidence isn't in the chain",
        drill_invariants.each_answer_has_its_evidence,
        of(STARTED, answer()),
    ),
    (
        "a drill passed without evidence",
        drill_invariants.each_answer_has_its_evidence,
        of(STARTED, answer(**NO_EVIDENCE)),
    ),
    *(
        (
            f"the evidence says another {name} than the answer",
            drill_invariants.each_answer_has_its_evidence,
            of(
                STARTED,
                answer(),
                evidence=(replace(piece(), document=piece().document | {name: value}),),
            ),
        )
        for name, value in {
            "outcome": "failed",
            "objections": ["It took too long."],
            "drillId": "drill-2",
            "copyRemoved": False,
            "restoredTo": "2026-10-05T11:00:00.000Z",
            "recoveryTime": {"seconds": 8.0},
            "recoveryPoint": {"seconds": 8.0},
            "structure": ["It has another key."],
            "items": {**RIGHT_ITEMS, "mismatched": 1},
            "costInUsd": {"total": 0.04},
            "previous": {"key": "before", "sha256": SHA},
        }.items()
    ),
    (
        "an item of the source was written",
        drill_invariants.no_drill_changed_its_source,
        replace(
            passed(),
            writes={"vault": (ItemWrite(NOON, f"{GUARDIAN}{SAMPLE}1", "apples", None, {}),)},
        ),
    ),
    (
        "the source was changed",
        drill_invariants.no_drill_changed_its_source,
        replace(passed(), calls=(call(3, "DeleteTable", REMOVE_COPY, "vault"),)),
    ),
]


@pytest.mark.parametrize("record", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_breaks_nothing(record: Record) -> None:
    assert violations(record) == []


@pytest.mark.parametrize(
    ("invariant", "record"),
    [(invariant, record) for _, invariant, record in WRONG],
    ids=[what for what, _, _ in WRONG],
)
def test_what_is_wrong_is_found_out(invariant: Invariant, record: Record) -> None:
    assert list(invariant(record))


def test_each_invariant_is_broken_by_some_record() -> None:
    assert {invariant for _, invariant, _ in WRONG} == set(DRILL_INVARIANTS)

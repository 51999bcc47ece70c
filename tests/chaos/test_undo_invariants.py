"""Each invariant of undos can be broken: a made-up record that breaks it is found out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.chaos import undo_invariants
from tests.chaos.invariants import Invariant, violations
from tests.chaos.record import AskedUndo, Fact, ItemWrite, Json, Record, Undo
from tests.chaos.undo_invariants import UNDO_INVARIANTS
from tests.chaos.ways import APPLY

NOON = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
TABLE, PLAN, US, THEM = "goods", "undo-1", f"pitr-guardian-Approved{APPLY}1", "customer"
GOOD = {"price": {"N": "3"}, "stock": {"N": "9"}}
BAD = {"price": {"N": "0"}, "stock": {"N": "9"}}
SOLD = {"price": {"N": "0"}, "stock": {"N": "8"}}
DEARER = {"price": {"N": "5"}, "stock": {"N": "9"}}


def told(seconds: float, kind: str, **more: Any) -> Fact:
    time = (NOON + timedelta(seconds=seconds)).isoformat()
    detail = {"id": f"{kind} {more.pop('id', '')}", "time": time, "planId": PLAN, **more}
    return Fact(f"Undo {kind}", detail)


def wrote(seconds: float, caller: str, before: Json | None, after: Json | None) -> ItemWrite:
    return ItemWrite(NOON + timedelta(seconds=seconds), caller, "apples", before, after)


def line(planned: str, old: Json | None, new: Json | None, live: Json | None) -> Json:
    return {"key": _KEY, "planned": planned, "old": old, "new": new, "live": live}


def done(outcome: str) -> Json:
    return {"key": _KEY, "outcome": outcome}


_KEY = {"id": {"S": "apples"}}
REVERT = line("revert", GOOD, BAD, BAD)
DAMAGE = wrote(-60, THEM, GOOD, BAD)
MENDED = wrote(20, US, BAD, GOOD)
REQUEST = AskedUndo("e-1", PLAN, {})
ACCEPTED, PLANNED, FAILED = (
    told(1, "Accepted"),
    told(9, "Planned"),
    told(9, "Failed", phase="plan"),
)
COUNTS = {"reverted": 1, "conflict": 0}
COMPLETED = told(30, "Completed", counts=COUNTS)
SECOND = told(40, "Accepted", id="of the second", planId="undo-2")


def undone(
    *writes: ItemWrite, of: Json = REVERT, outcome: str = "reverted", **counts: int
) -> Record:
    """An undo of one item that was carried out."""
    completed = told(30, "Completed", counts=counts or COUNTS)
    facts = (ACCEPTED, PLANNED, completed)
    return Record(
        facts=facts,
        alerts=tuple(fact.id for fact in facts),
        undo_requests=(REQUEST,),
        approvals=(REQUEST,),
        undos=(Undo(PLAN, TABLE, (of,), (done(outcome),)),),
        writes={TABLE: (DAMAGE, *writes)},
    )


def asked(*facts: Fact, times: int = 1, approved: int = 0, **more: Any) -> Record:
    return Record(
        facts=facts,
        alerts=tuple(fact.id for fact in facts),
        undo_requests=(REQUEST,) * times,
        approvals=(REQUEST,) * approved,
        **more,
    )


def refused(what: str, id: str = "r-1") -> Fact:
    return told(5, "Rejected", id=id, reason=f"The undo was not {what}. Because.")


RIGHT = {
    "an item was put right": undone(MENDED),
    "an undo was undone": replace(
        undone(MENDED, wrote(50, US, GOOD, BAD)),
        facts=(ACCEPTED, PLANNED, COMPLETED, SECOND),
        alerts=tuple(fact.id for fact in (ACCEPTED, PLANNED, COMPLETED, SECOND)),
        undos=(
            Undo(PLAN, TABLE, (REVERT,), (done("reverted"),)),
            Undo("undo-2", TABLE, (line("revert", BAD, GOOD, GOOD),), ()),
        ),
    ),
    "a customer bought one before": undone(
        wrote(5, THEM, BAD, SOLD),
        wrote(20, US, SOLD, {**SOLD, "price": {"N": "3"}}),
        of=line("merge", GOOD, BAD, SOLD),
        outcome="merged",
    ),
    "a customer bought one since, before the write": undone(
        wrote(15, THEM, BAD, SOLD), wrote(20, US, SOLD, {**SOLD, "price": {"N": "3"}})
    ),
    "a customer changed it after the write": undone(MENDED, wrote(25, THEM, GOOD, DEARER)),
    "somebody was faster": undone(wrote(15, THEM, BAD, DEARER), outcome="conflict", conflict=1),
    "a removal took more, was killed, and says so": replace(
        undone(
            *(wrote(19, THEM, BAD, SOLD), wrote(20, US, SOLD, None)),
            of=line("remove", None, BAD, BAD),
            removed=1,
        ),
        undos=(
            Undo(
                PLAN,
                TABLE,
                (line("remove", None, BAD, BAD),),
                (done("removed") | {"doubtful": True},),
            ),
        ),
    ),
    "what was inserted was removed": undone(
        wrote(20, US, BAD, None), of=line("remove", None, BAD, BAD), outcome="removed", removed=1
    ),
    "a removal took more, and gave it back": undone(
        *(wrote(19, THEM, BAD, SOLD), wrote(20, US, SOLD, None), wrote(20.1, US, None, SOLD)),
        of=line("remove", None, BAD, BAD),
        outcome="conflict",
        conflict=1,
    ),
    "what was to be overwritten was": undone(
        wrote(5, THEM, BAD, DEARER),
        wrote(20, US, DEARER, GOOD),
        of=line("revert", GOOD, BAD, DEARER),
    ),
    "a plan failed, and its approval was refused": asked(
        ACCEPTED, FAILED, refused("carried out"), approved=1
    ),
    "the same request came twice": asked(ACCEPTED, PLANNED, times=2),
    "another request of that id was refused": asked(ACCEPTED, PLANNED, refused("planned"), times=2),
    "a request lies among the undelivered": asked(undelivered=('{"id": "e-1"}',)),
}

WRONG: list[tuple[str, Invariant, Record]] = [
    (
        "a request was never answered",
        undo_invariants.each_undo_request_got_one_answer,
        asked(),
    ),
    (
        "a request was accepted, and nothing came of it",
        undo_invariants.each_undo_request_got_one_answer,
        asked(ACCEPTED),
    ),
    (
        "a plan was made, and failed",
        undo_invariants.each_undo_request_got_one_answer,
        asked(ACCEPTED, PLANNED, FAILED),
    ),
    (
        "a request was refused, and planned",
        undo_invariants.each_undo_request_got_one_answer,
        asked(ACCEPTED, PLANNED, refused("planned")),
    ),
    (
        "an approval was never answered",
        undo_invariants.each_approval_got_one_answer,
        asked(ACCEPTED, PLANNED, approved=1),
    ),
    (
        "an approval was answered twice",
        undo_invariants.each_approval_got_one_answer,
        asked(
            *(ACCEPTED, PLANNED, told(30, "Completed"), told(31, "Failed", phase="apply")),
            approved=1,
        ),
    ),
    (
        "a later price was overwritten",
        undo_invariants.no_undo_overwrote_a_later_write,
        undone(wrote(15, THEM, BAD, DEARER), wrote(20, US, DEARER, GOOD)),
    ),
    (
        "a sale was lost",
        undo_invariants.no_undo_overwrote_a_later_write,
        undone(wrote(15, THEM, BAD, SOLD), wrote(20, US, SOLD, GOOD)),
    ),
    (
        "a conflict was written",
        undo_invariants.no_undo_overwrote_a_later_write,
        undone(MENDED, of=line("conflict", GOOD, BAD, BAD), outcome="conflict", conflict=1),
    ),
    (
        "a removal took more, and kept it",
        undo_invariants.no_undo_overwrote_a_later_write,
        undone(
            *(wrote(19, THEM, BAD, SOLD), wrote(20, US, SOLD, None)),
            of=line("remove", None, BAD, BAD),
            outcome="removed",
        ),
    ),
    (
        "what was put back isn't what was there",
        undo_invariants.no_undo_overwrote_a_later_write,
        undone(wrote(20, US, BAD, DEARER)),
    ),
    (
        "an item is said to be put right, and isn't",
        undo_invariants.each_item_is_as_planned,
        undone(),
    ),
    (
        "a conflict has no reason",
        undo_invariants.each_item_is_as_planned,
        undone(outcome="conflict", conflict=1),
    ),
    (
        "the counts are others",
        undo_invariants.each_item_is_as_planned,
        undone(MENDED, reverted=2),
    ),
    (
        "nothing is noted of an item",
        undo_invariants.each_item_is_as_planned,
        replace(undone(MENDED), undos=(Undo(PLAN, TABLE, (REVERT,), ()),)),
    ),
]


@pytest.mark.parametrize("record", RIGHT.values(), ids=RIGHT.keys())
def test_what_is_right_breaks_nothing(record: Record) -> None:
    found = violations(record)
    assert [each for each in found if "each_message_was_handled" not in each] == []


@pytest.mark.parametrize(
    ("invariant", "record"),
    [(invariant, record) for _, invariant, record in WRONG],
    ids=[what for what, _, _ in WRONG],
)
def test_what_is_wrong_is_found_out(invariant: Invariant, record: Record) -> None:
    assert list(invariant(record))


def test_each_invariant_is_broken_by_some_record() -> None:
    assert {invariant for _, invariant, _ in WRONG} == set(UNDO_INVARIANTS)

"""The sentences of an undo's facts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pitr_guardian.facts.undo_facts import OutcomeCounts, PlanCounts
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.shape import Audience
from pitr_guardian.undo.telling import done_in_words, plan_in_words
from tests.fakes.undos import UndoWorld

UNTIL = datetime(2026, 10, 6, 9, tzinfo=UTC)


def order(audience: Audience | None = None, *, strong: bool = False) -> UndoOrder:
    world = UndoWorld()
    shape = world.shapes.shape
    assert shape is not None
    world.shapes.shape = shape.model_copy(
        update={"audience": audience or Audience(), "strongly_consistent": strong}
    )
    world.ask()
    return world.ledger.records["u-1"].order


def test_a_plan_says_what_it_would_do_and_until_when() -> None:
    counts = PlanCounts(remove=1, put_back=2, revert=1234, merge=3, conflict=1)
    assert plan_in_words(order(), counts, UNTIL) == (
        "1,240 items of orders can be put right: 1,234 reverted, 2 put back, 1 removed, 3 merged "
        "with what others wrote since. 1 item stays as it is: somebody has written it since. Read "
        "the plan's page. Nothing was changed; the plan can be approved until 2026-10-06 09:00:00 "
        "UTC."
    )


def test_it_names_who_will_see_the_writes() -> None:
    everybody = Audience(
        replicas=("eu-west-1", "us-east-1"),
        stream="arn:stream",
        triggers=("arn:function",),
        kinesis=("arn:kinesis",),
    )
    told = plan_in_words(order(everybody), PlanCounts(revert=1), UNTIL)
    assert (
        "Who will see the writes: replicas in eu-west-1, us-east-1; the stream arn:stream; its "
        "triggers arn:function; Kinesis arn:kinesis; what another region writes to an item in the "
        "same second may be lost, or win." in told
    )
    strong = plan_in_words(order(everybody, strong=True), PlanCounts(revert=1), UNTIL)
    assert "replicas in eu-west-1" in strong
    assert "may be lost" not in strong


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (PlanCounts(), "no item was changed in the window that the request speaks of"),
        (PlanCounts(as_before=3, expired=1), "3 as before already, 1 expired by now"),
    ],
)
def test_where_nothing_is_to_be_done_it_says_why(counts: PlanCounts, said: str) -> None:
    assert plan_in_words(order(), counts, UNTIL) == f"Nothing is left to undo in orders: {said}."


def test_conflicts_alone_are_still_something_to_look_at() -> None:
    told = plan_in_words(order(), PlanCounts(conflict=2), UNTIL)
    assert told.startswith("Nothing of orders can be put right. 2 items stay as they are")


def test_what_was_done_is_told_with_what_was_left() -> None:
    counts = OutcomeCounts(removed=1, put_back=2, reverted=3, merged=4, conflict=1, failed=2)
    assert done_in_words(order(), counts, 9) == (
        "10 items of orders were put right, and 9 were found so when read again. 1 item was left "
        "as it is: somebody else wrote it. 2 items could not be written; the report says why. 1 "
        "item had been written again by others before that look."
    )
    assert done_in_words(order(), OutcomeCounts(removed=3), 3, doubtful=2) == (
        "3 items of orders were put right, and found so when read again. 2 items were removed "
        "without an answer: whether somebody had added to them in the moment before isn't known; "
        "the report names them."
    )
    assert done_in_words(order(), OutcomeCounts(reverted=1), 1) == (
        "1 item of orders was put right, and found so when read again."
    )

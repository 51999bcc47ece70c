"""Each request and each approval has exactly one answer, whatever happens to the workflows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from pitr_guardian.basics.ending import Ending
from pitr_guardian.undo.answers import Greeting
from pitr_guardian.undo.ports import UndoNotUnderWayError
from pitr_guardian.undo.record import Phase
from tests.fakes.undos import UndoWorld

ARN = "arn:aws:states:eu-central-1:111122223333:execution:undo-plan:u-1"
ENDED = datetime(2026, 10, 5, 11, 0, tzinfo=UTC)


@pytest.fixture
def world() -> UndoWorld:
    world = UndoWorld()
    world.ask(requestedBy="alice")
    return world


def answers(world: UndoWorld) -> list[str]:
    """What was told beside acceptance, each fact once, as whoever goes by ids sees it."""
    told = {fact.id: fact.detail_type for fact in world.facts.published}
    return [kind for kind in told.values() if kind != "Undo Accepted"]


def ending(status: str = "ABORTED", **others: Any) -> dict[str, Any]:
    return {"executionArn": ARN, "status": status, **others}


def test_a_failure_is_told_once_with_what_lambda_says(world: UndoWorld) -> None:
    cause = json.dumps({"errorMessage": "the export's file x is cut short", "errorType": "B"})
    world.fail(error="BadFileError", cause=cause)
    world.fail(error="Other", cause="again")
    assert answers(world) == ["Undo Failed"]
    detail = world.facts.told[-1][1]
    assert detail["error"] == "BadFileError: the export's file x is cut short"
    assert detail["phase"] == "plan"
    assert detail["reason"].endswith("Nothing was changed.")
    assert detail["requestedBy"] == "alice"
    assert world.ledger.begun == {}


@pytest.mark.parametrize("cause", ["", "plain", "[1]", '{"errorMessage": 5}', "{"])
def test_a_cause_may_be_anything(world: UndoWorld, cause: str) -> None:
    world.fail(error="States.Timeout", cause=cause)
    assert world.facts.told[-1][1]["error"].startswith("States.Timeout")


def test_no_failure_follows_a_plan(world: UndoWorld) -> None:
    world.plan()
    world.fail()
    assert answers(world) == ["Undo Planned"]


def test_nobody_fails_what_nobody_began(world: UndoWorld) -> None:
    for plan_id, phase in (("u-9", Phase.PLAN), ("u-1", Phase.APPLY)):
        with pytest.raises(UndoNotUnderWayError):
            world.failure().fail(plan_id, phase, "Broken", "so")
    assert answers(world) == []


def test_the_half_that_writes_says_that_items_may_have_changed(world: UndoWorld) -> None:
    world.plan()
    world.approve(requestedBy="bob")
    world.fail(Phase.APPLY)
    assert answers(world) == ["Undo Planned", "Undo Failed"]
    detail = world.facts.told[-1][1]
    assert "Part of the items may be as planned" in detail["reason"]
    assert (detail["phase"], detail["requestedBy"]) == ("apply", "bob")


def test_an_end_from_outside_is_answered_for(world: UndoWorld) -> None:
    world.last_word().speak(ending(cause="by hand"), "2026-10-05T11:00:00Z", Phase.PLAN)
    world.last_word().speak(ending(), "2026-10-05T11:00:00Z", Phase.PLAN)
    assert answers(world) == ["Undo Failed"]
    detail = world.facts.told[-1][1]
    assert detail["error"] == f"WorkflowAborted: the workflow {ARN} ended as ABORTED (by hand)"
    assert detail["time"] == "2026-10-05T11:00:00.000Z"


def test_an_end_before_the_first_word_is_no_failure_of_what_nobody_accepted(
    world: UndoWorld,
) -> None:
    world.last_word().speak(ending(), "2026-10-05T11:00:00Z", Phase.PLAN)
    assert world.facts.kinds == ["Undo Accepted", "Undo Failed"]
    # Had it been said already, it would be the same fact.
    Greeting(world.ledger, world.facts).accept("u-1")
    first, *_, again = world.facts.told
    assert first == again


def test_an_end_with_an_answer_says_that_answer_again(world: UndoWorld) -> None:
    """The workflow recorded it, and was ended before it could tell."""
    world.plan()
    world.last_word().speak(ending("FAILED"), "2026-10-05T11:00:00Z", Phase.PLAN)
    assert answers(world) == ["Undo Planned"]


def test_what_nobody_asked_for_isnt_answered_for(world: UndoWorld) -> None:
    world.last_word().speak(ending(), "2026-10-05T11:00:00Z", Phase.APPLY)
    other = {**ending(), "executionArn": ARN.replace("u-1", "u-9")}
    world.last_word().speak(other, "2026-10-05T11:00:00Z", Phase.PLAN)
    assert answers(world) == []
    assert [plan_id for plan_id, _ in world.logged] == ["u-1", "u-1", "u-9"]


def test_what_was_never_started_is_found(world: UndoWorld) -> None:
    world.workflows.endings["u-1", Phase.PLAN] = Ending(ARN, "NOT STARTED", ENDED)
    assert world.last_word().reconcile() == 0  # it may be on its way
    world.clock.advance(901)
    assert world.last_word().reconcile() == 1
    assert world.last_word().reconcile() == 0
    assert answers(world) == ["Undo Failed"]
    assert world.facts.told[-1][1]["error"].startswith("WorkflowNotStarted")


def test_what_goes_on_is_let_go_on(world: UndoWorld) -> None:
    world.clock.advance(901)
    assert world.last_word().reconcile() == 0
    assert answers(world) == []


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("killed_at", range(4))
def test_one_answer_however_a_teller_is_killed(phase: Phase, killed_at: int) -> None:
    """Between any two calls: recorded, told, closed."""

    class KilledError(Exception):
        pass

    world = UndoWorld()
    world.ask()
    if phase is Phase.APPLY:
        world.plan()
        world.approve()
    calls = iter(range(10))

    def killing[**P, R](method: Callable[P, R]) -> Callable[P, R]:
        def call(*args: P.args, **named: P.kwargs) -> R:
            if next(calls) == killed_at:
                raise KilledError
            return method(*args, **named)

        return call

    conclude, close, publish = world.ledger.conclude, world.ledger.close, world.facts.publish
    world.ledger.conclude = killing(conclude)  # type: ignore[method-assign]
    world.ledger.close = killing(close)  # type: ignore[method-assign]
    world.facts.publish = killing(publish)  # type: ignore[method-assign]
    with contextlib.suppress(KilledError):
        world.plan() if phase is Phase.PLAN else world.carry_out()
    world.ledger.conclude, world.ledger.close = conclude, close  # type: ignore[method-assign]
    world.facts.publish = publish  # type: ignore[method-assign]
    world.clock.advance(901)
    world.workflows.endings["u-1", phase] = Ending(ARN, "FAILED", ENDED, "States.Runtime")
    world.last_word().reconcile()
    told = [kind for kind in answers(world) if kind != "Undo Planned" or phase is Phase.PLAN]
    assert len(told) == 1
    assert world.ledger.begun == {}


def test_acceptance_is_told_alike_however_often(world: UndoWorld) -> None:
    world.plan()
    accepted = [fact for fact in world.facts.told if fact[0] == "Undo Accepted"]
    assert len(accepted) == 1
    assert accepted[0][1]["reason"].endswith("nothing is changed before it is approved.")

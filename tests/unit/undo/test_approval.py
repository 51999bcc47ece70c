"""A plan is carried out once, by whoever has read it, and not when it is something else by now."""

from __future__ import annotations

import pytest

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.undo.record import Phase
from tests.fakes.cloudtrail import ACCOUNT
from tests.fakes.event_answers import before_it
from tests.fakes.undos import UndoWorld
from tests.unit.undo.test_acceptance import errors

OTHER = "0" * 64


@pytest.fixture
def world() -> UndoWorld:
    world = UndoWorld()
    world.ask(requestedBy="alice")
    return world


def applying(world: UndoWorld) -> bool:
    return ("u-1", Phase.APPLY) in world.workflows.started


def test_an_approval_starts_the_undo_and_says_who_it_was(world: UndoWorld) -> None:
    world.plan()
    world.approve(requestedBy="bob", reason="read it")
    assert applying(world)
    approval = world.ledger.records["u-1"].approval
    assert approval is not None
    assert (approval.account, approval.requested_by) == (ACCOUNT, "bob")
    completed = world.carry_out()
    assert (completed.account, completed.requested_by, completed.request_reason) == (
        ACCOUNT,
        "bob",
        "read it",
    )


def test_there_must_be_a_plan(world: UndoWorld) -> None:
    def refused(plan_id: str, event: str) -> str:
        detail = {"planId": plan_id, "fingerprint": OTHER}
        world.approvals().receive(detail, event, ACCOUNT)
        return errors(world)[-1]

    assert refused("u-9", "e-1") == (
        "planId: there is no plan u-9; give the one of an `Undo Planned`"
    )
    assert "u-1 is still being made; approve it after `Undo Planned`" in refused("u-1", "e-2")
    world.fail()
    assert "u-1 couldn't be made; ask for the undo again" in refused("u-1", "e-3")
    assert not applying(world)
    # Of a plan that is known, the table and the window are told.
    assert world.facts.told[-1][1]["table"]["name"] == "orders"
    assert world.facts.told[-1][1]["from"] is not None


def test_another_fingerprint_is_another_plan(world: UndoWorld) -> None:
    world.plan()
    world.approve(fingerprint=OTHER)
    [error] = errors(world)
    assert error.startswith("fingerprint: the plan u-1 has another one")
    assert not applying(world)
    assert world.facts.told[-1][1]["reason"].startswith("The undo was not carried out. fingerprint")


def test_a_plan_isnt_good_for_ever(world: UndoWorld) -> None:
    world.plan()
    world.clock.advance(24 * 3600 + 1)
    world.approve()
    [error] = errors(world)
    assert "could be approved until" in error
    assert not applying(world)


def test_the_same_approval_twice_is_one_undo(world: UndoWorld) -> None:
    world.plan()
    world.approve(event_id="e-1")
    world.approve(event_id="e-1")
    world.approve(event_id="e-2")
    assert world.workflows.started == [("u-1", Phase.PLAN), ("u-1", Phase.APPLY)]
    world.carry_out()
    world.workflows.started.clear()
    world.clock.advance(48 * 3600)  # however late
    world.approve(event_id="e-1")
    assert world.workflows.started == []
    assert errors(world) == []
    approval = world.ledger.records["u-1"].approval
    assert approval is not None
    assert approval.event_id == "e-1"


def test_an_approval_is_refused_once_though_its_twin_could_be_granted(
    world: UndoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.plan()
    before_it(monkeypatch, world.ledger, "approve", lambda: world.approve(fingerprint=OTHER))
    world.approve()
    assert len(set(errors(world))) == 1
    assert not applying(world)


def test_an_approval_is_granted_once_though_its_twin_would_be_refused(
    world: UndoWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.plan()
    before_it(monkeypatch, world.ledger, "note_answer", world.approve)
    world.approve(fingerprint=OTHER)
    assert errors(world) == []
    assert applying(world)


def test_who_was_killed_before_the_start_starts_it(world: UndoWorld) -> None:
    world.plan()
    world.workflows.unreachable = TryLaterError("throttled")
    with pytest.raises(TryLaterError):
        world.approve()
    world.workflows.unreachable = None
    world.approve()
    assert applying(world)


def test_a_refusal_stays_the_same(world: UndoWorld) -> None:
    detail = {"planId": "u-1", "fingerprint": OTHER}
    world.approvals().receive(detail, "e-1", ACCOUNT)
    world.plan()
    world.approvals().receive(detail, "e-1", ACCOUNT)
    told = [detail for kind, detail in world.facts.told if kind == "Undo Rejected"]
    assert told[0] == told[1]


def test_other_accounts_may_not_approve_and_learn_nothing(world: UndoWorld) -> None:
    world.plan()
    world.approve(account="999999999999")
    [error] = errors(world)
    assert "others may ask for restores only" in error
    assert world.facts.told[-1][1]["table"] is None
    assert not applying(world)


def test_a_table_that_isnt_the_same_any_more_is_left_alone(world: UndoWorld) -> None:
    world.plan()
    shape = world.shapes.shape
    assert shape is not None
    world.shapes.shape = shape.model_copy(update={"table_id": "another"})
    world.approve(event_id="e-1")
    world.shapes.shape = None
    world.approve(event_id="e-2")
    world.shapes.shape = shape
    world.pattern = "audit-*"
    world.approve(event_id="e-3")
    world.pattern = "*"
    world.shapes.refusal = RefusedError("AccessDenied")
    world.approve(event_id="e-4")
    another, gone, forbidden, denied = errors(world)
    assert another.startswith("planId: orders is another table of that name since the plan u-1")
    assert gone.startswith("planId: orders was deleted since the plan u-1")
    assert "widen its parameter UndoTablePattern" in forbidden
    assert "AWS says: AccessDenied" in denied
    assert not applying(world)


def test_a_malformed_approval_is_refused(world: UndoWorld) -> None:
    world.approvals().receive({"planId": "u-1"}, "e-1", ACCOUNT)
    [error] = errors(world)
    assert error.startswith("fingerprint: missing")

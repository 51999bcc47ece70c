"""A removal takes all of an item: what it took too much comes back, or is told of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from pitr_guardian.exports.record import Item
from pitr_guardian.facts.undo_facts import PlanCounts
from pitr_guardian.undo import places
from pitr_guardian.undo.line import Applied, Outcome
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.verifier import done_of
from pitr_guardian.undo.writes import Write
from tests.fakes.fate import Fate, KilledError, Watched, until_it_lives
from tests.fakes.undos import UndoWorld

JUNK = 45
"""More than are looked at together, twice."""


def junk(number: int, **others: str) -> Item:
    name = f"junk-{number:02}"
    return {"id": {"S": name}, **{each: {"S": value} for each, value in others.items()}}


def planned(items: int = JUNK) -> UndoWorld:
    """A table into which a script put junk; the removal of all of it is approved."""
    world = UndoWorld()
    asked_from = world.clock.now
    world.clock.advance(10)
    for number in range(items):
        world.items.put(junk(number, price="bad"))
    world.clock.advance(1200)
    world.ask(from_=asked_from.isoformat(), to=(world.clock.now - timedelta(seconds=5)).isoformat())
    world.clock.advance(600)
    world.plan()
    world.approve()
    return world


def done(world: UndoWorld) -> dict[str, Applied]:
    parts = [part["part"] for part in world.parts()]
    all_done = [each for part in parts for each in done_of(world.objects, "u-1", part)]
    return {each.key["id"]["S"]: each for each in all_done}


def watched(world: UndoWorld, fate: Fate) -> None:
    for name in ("ledger", "objects", "items"):
        setattr(world, name, Watched(getattr(world, name), fate))


def add_before_the_removal_of(world: UndoWorld, number: int) -> None:
    """Have somebody add to an item in the moment before its removal, after the last look."""
    items, to_add = world.items, [junk(number, price="bad", theirs="x")]

    def add(write: Write) -> None:
        if to_add and write.kind == "delete" and write.key["id"] == to_add[0]["id"]:
            items.put(to_add.pop())

    items.before_write = add


def calls_of(items: int) -> int:
    """How many calls to the outside such a removal makes."""
    world, fate = planned(items), Fate(set(), {})
    watched(world, fate)
    world.carry_out()
    return fate.calls


@pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])
def test_killed_at_any_call_nothing_of_others_is_lost_untold(is_after: bool) -> None:
    items = 3
    for at in range(1, calls_of(items) + 3):  # giving back is another call
        world = planned(items)
        add_before_the_removal_of(world, 1)
        real = {name: getattr(world, name) for name in ("ledger", "objects", "items")}
        fate = Fate({at}, {}, is_after=is_after)
        watched(world, fate)
        world.carry_out_by_steps(partial(until_it_lives, fate))
        for name, port in real.items():
            setattr(world, name, port)
        completed, told = world.completed(), done(world)
        left = world.items.all
        if left:
            assert left == [junk(1, price="bad", theirs="x")], at
            assert told["junk-01"].outcome is Outcome.CONFLICT, at
        else:
            # Killed with the one answer in hand that told what it had taken.
            assert told["junk-01"].doubtful, at
            assert completed.severity == "warning"
            assert "removed without an answer" in completed.reason
        assert completed.doubtful == sum(each.doubtful for each in told.values()), at
        assert completed.counts.removed + completed.counts.conflict == items


def test_only_what_was_begun_last_is_in_doubt() -> None:
    world = planned()
    part = world.parts()[0]["part"]
    deleted = 0

    def kill(_: Write) -> None:
        nonlocal deleted
        deleted += 1
        if deleted == 30:
            raise KeyboardInterrupt

    world.items.after_write = kill
    with pytest.raises(KeyboardInterrupt):
        world.applier().apply("u-1", part, 0, lambda: 900)
    # Killed outright, it couldn't have kept what it had done.
    world.objects.content.pop(places.applied("u-1", part, 0))
    completed = world.carry_out()
    assert completed.counts.removed == JUNK
    doubtful = {name for name, each in done(world).items() if each.doubtful}
    assert doubtful == {junk(number)["id"]["S"] for number in range(20, 30)}
    assert completed.doubtful == 10


@pytest.mark.parametrize("removes", [True, False])
def test_an_undo_that_fails_says_that_removals_may_be_in_doubt(removes: bool) -> None:
    world = planned(1)
    if not removes:
        record = world.ledger.records["u-1"]
        plan = world.planned().model_copy(update={"counts": PlanCounts(revert=1)})
        world.ledger.records["u-1"] = replace(record, plan=plan)
    world.fail(Phase.APPLY)
    reason = world.facts.told[-1][1]["reason"]
    assert "Part of the items may be as planned" in reason
    assert ("in the moment before it was removed isn't known" in reason) == removes


def test_what_others_removed_before_the_look_is_in_no_doubt() -> None:
    world = planned(3)
    world.items.delete(junk(0))
    completed = world.carry_out()
    assert (completed.counts.removed, completed.doubtful, completed.severity) == (3, 0, "info")


def test_what_is_gone_since_the_look_is_in_doubt() -> None:
    """The answer to its removal may have been lost, on the way to whoever asks again by himself."""
    world = planned(3)
    gone = [junk(1)]

    def delete(write: Write) -> None:
        if gone and write.key == gone[0]:
            world.items.delete(gone.pop())

    world.items.before_write = delete
    completed = world.carry_out()
    assert (completed.counts.removed, completed.doubtful) == (3, 1)
    assert done(world)["junk-01"].doubtful
    assert completed.verified == 3
    # The report shows first what needs a person.
    first = json.loads(world.objects.content[places.report("u-1")].partition(b"\n")[0])["first"]
    assert [json.loads(key) for key in first] == [junk(1)]


def test_what_was_made_again_after_a_killing_is_in_doubt_as_well() -> None:
    world = planned(1)
    part = world.parts()[0]["part"]
    fate = Fate({8}, {}, is_after=True)  # the removal
    real = {name: getattr(world, name) for name in ("ledger", "objects", "items")}
    watched(world, fate)
    with pytest.raises(KilledError):
        world.applier().apply("u-1", part, 0, lambda: 900)
    for name, port in real.items():
        setattr(world, name, port)
    assert world.items.all == []
    world.items.put(junk(0, theirs="new"))
    completed = world.carry_out()
    assert (completed.counts.conflict, completed.doubtful) == (1, 1)
    assert world.items.all == [junk(0, theirs="new")]
    assert "may have removed it before" in (done(world)["junk-00"].why or "")


def test_doubt_outlives_a_second_killing() -> None:
    world = planned()
    part = world.parts()[0]["part"]
    key = places.applied("u-1", part, 0)

    def killed_after(deletions: int) -> None:
        left = deletions

        def kill(_: Write) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt

        world.items.after_write = kill
        with pytest.raises(KeyboardInterrupt):
            world.applier().apply("u-1", part, 0, lambda: 900)
        world.objects.content.pop(key)

    killed_after(5)
    killed_after(20)
    world.items.after_write = lambda _: None
    # The first of each killing's batch; the second had gone on with the first's, and beyond.
    assert world.carry_out().doubtful == 5 + 5


def test_what_was_told_of_a_line_stands_when_it_is_run_again() -> None:
    """A run whose answer was lost: what it took too much, and gave back, isn't judged anew."""
    world = planned(3)
    add_before_the_removal_of(world, 1)
    part = world.parts()[0]["part"]
    world.applier().apply("u-1", part, 0, lambda: 900)
    told = done(world)
    world.applier().apply("u-1", part, 0, lambda: 900)
    assert done(world) == told
    assert [each.kind for each in world.items.writes].count("delete") == 3

"""Planning, writing, planning again: what holds whatever the items and whatever others write."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given, strategies as st

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import differing, same, same_item
from pitr_guardian.undo.classify import classify
from pitr_guardian.undo.line import Applied, Line, Outcome, Planned
from pitr_guardian.undo.shape import Shape
from pitr_guardian.undo.writes import item_after, item_before
from pitr_guardian.undo.writing import ItemWriter
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.items import KEY as SCHEMA, FakeItems
from tests.unit.undo.values import items, rests

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SHAPE = Shape(table_id="id-1", key=SCHEMA)
KEY: Item = {"id": {"S": "k"}}
OF_KEY = items(KEY)


def line(old: Item | None, new: Item | None, live: Item | None, conflicts: str = "keep") -> Line:
    verdict = classify(Images(KEY, old, new), live, None, NOW, conflicts)  # type: ignore[arg-type]
    return Line(key=KEY, planned=verdict.planned, old=old, new=new, live=live, why=verdict.why)


def carry_out(table: FakeItems, plan: Line) -> Applied | None:
    """Carry out a line, if it is one to be carried out."""
    if not plan.planned.writes:
        return None
    spent: list[float] = []
    writer = ItemWriter(table, ORDERS, SHAPE, lambda: NOW, spent.append)
    return writer.carry_out(plan)


def wrote(done: Applied | None) -> bool:
    return done is not None and done.outcome not in (Outcome.CONFLICT, Outcome.FAILED)


def table_of(item: Item | None) -> FakeItems:
    return FakeItems([item] if item else [])


def alive(item: Item | None) -> Item:
    return item or {}


@given(OF_KEY, OF_KEY, OF_KEY, OF_KEY)
@example(None, KEY, KEY, {**KEY, "a": {"S": "added since"}})
@example(
    {**KEY, "a": {"N": "1"}},
    {**KEY, "a": {"N": "2"}},
    {**KEY, "a": {"N": "2"}, "theirs": {"N": "1"}},
    {**KEY, "a": {"N": "1"}, "theirs": {"N": "1"}},
)
@example({**KEY, "a": {"N": "1"}}, {**KEY, "a": {"N": "2"}}, {**KEY, "a": {"N": "2"}}, None)
def test_what_others_wrote_is_never_lost(
    old: Item | None, new: Item | None, live: Item | None, then: Item | None
) -> None:
    """Whatever they made of the item, before the plan (`live`) and after it (`then`)."""
    if same_item(old, new):
        return
    table = table_of(then)
    done = carry_out(table, line(old, new, live))
    after = table[KEY]
    if not wrote(done):
        assert same_item(after, then)
        return
    if then is None or old is None or new is None:
        # All of the item goes back: nobody had touched it, or they had put it right themselves.
        assert same_item(then, new) or same_item(then, old)
        assert same_item(after, old)
        return
    assert after is not None
    damaged = differing(old, new)
    for name in {*alive(old), *alive(new), *then}:
        if name not in damaged:
            assert same(after.get(name), then.get(name))  # theirs, or untouched
        else:
            assert same(after.get(name), old.get(name))
            assert same(then.get(name), new.get(name)) or same(then.get(name), old.get(name))


@given(OF_KEY, OF_KEY, OF_KEY, OF_KEY)
def test_to_overwrite_loses_nothing_that_the_plan_didnt_show(
    old: Item | None, new: Item | None, live: Item | None, then: Item | None
) -> None:
    if same_item(old, new):
        return
    plan = line(old, new, live, "overwrite")
    table = table_of(then)
    carry_out(table, plan)
    after = table[KEY]
    if same_item(live, then) and not plan.planned.writes:
        assert same_item(after, then)
    for name in {*alive(then), *alive(after)}:
        theirs, ours = alive(then).get(name), alive(after).get(name)
        if not same(theirs, ours):
            # Written over: it was on the page, as the damage or as what is to be overwritten.
            assert same(theirs, alive(live).get(name)) or same(theirs, alive(new).get(name))


@given(OF_KEY, OF_KEY, OF_KEY, st.sampled_from(["keep", "overwrite"]))
def test_twice_is_once(
    old: Item | None, new: Item | None, live: Item | None, conflicts: str
) -> None:
    if same_item(old, new):
        return
    plan = line(old, new, live, conflicts)
    table = table_of(live)
    done = carry_out(table, plan)
    once = table[KEY]
    # The same line again, as a function does that was killed on the way.
    again = carry_out(table, plan)
    assert same_item(table[KEY], once)
    if done is not None and done.outcome is Outcome.REMOVED:
        # What it was told of the item that it removed is gone with it.
        assert again is not None
        assert again.doubtful
        again = again.model_copy(update={"doubtful": False, "why": None})
    assert again == done
    # And a new plan finds nothing to do, or the same conflict.
    renewed = line(old, new, once, conflicts)
    assert renewed.planned in (Planned.AS_BEFORE, Planned.CONFLICT)
    assert (renewed.planned is Planned.CONFLICT) == (plan.planned is Planned.CONFLICT)


@given(OF_KEY, OF_KEY, OF_KEY, st.sampled_from(["keep", "overwrite"]))
def test_an_undo_undone_is_the_damage_again(
    old: Item | None, new: Item | None, live: Item | None, conflicts: str
) -> None:
    if same_item(old, new):
        return
    table = table_of(live)
    done = carry_out(table, line(old, new, live, conflicts))
    if done is not None:
        assert same_item(done.before, live)
        assert same_item(done.after, table[KEY])
        carry_out(table, line(done.before, done.after, table[KEY]))
    assert same_item(table[KEY], live)


@given(OF_KEY, OF_KEY, OF_KEY)
def test_what_an_update_found_can_be_told_from_what_it_made(
    old: Item | None, new: Item | None, live: Item | None
) -> None:
    plan = line(old, new, live)
    if plan.planned in (Planned.REVERT, Planned.MERGE):
        assert live is not None
        after = item_after(plan, live)
        assert same_item(item_before(plan, after), live)
        table = table_of(live)
        carry_out(table, plan)
        assert same_item(table[KEY], after)


@given(OF_KEY, OF_KEY, rests)
def test_attributes_that_come_between_plan_and_write_stay(
    old: Item | None, new: Item | None, added: dict[str, Value]
) -> None:
    """An update takes nothing but what the damage changed; a deletion doesn't happen."""
    if new is None or same_item(old, new):
        return
    fresh = {name: value for name, value in added.items() if name not in {*alive(old), *new}}
    table = table_of({**new, **fresh})
    plan = line(old, new, new)
    if plan.planned is not Planned.REVERT:
        return
    carry_out(table, plan)
    for name, value in fresh.items():
        assert same(alive(table[KEY]).get(name), value)

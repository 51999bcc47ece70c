"""Whole undos among others' writes, killed anywhere: nothing of theirs is lost or untold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from hypothesis import given, strategies as st

from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import key_text, same, same_item
from pitr_guardian.undo.line import Outcome, Planned
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.verifier import done_of
from pitr_guardian.undo.writes import Write
from tests.fakes.cloudtrail import ACCOUNT
from tests.fakes.fate import Fate, Watched, until_it_lives
from tests.fakes.items import FakeItems
from tests.fakes.undos import UndoWorld

KEYS = ["a", "b", "c"]


@dataclass
class Ours:
    """Each write of the undo's, with the item before it and after it."""

    items: FakeItems
    written: list[tuple[Write, Item | None, Item | None]] = field(default_factory=list)
    _found: Item | None = None

    def before(self, write: Write) -> None:
        self._found = self.items[write.key]

    def after(self, write: Write) -> None:
        self.written.append((write, self._found, self.items[write.key]))


values = st.sampled_from("123")
operations = st.tuples(
    st.sampled_from(KEYS),
    st.one_of(
        st.none(),  # deletes it
        st.dictionaries(st.sampled_from("xyz"), values, max_size=3),  # puts it
        st.tuples(st.sampled_from("xyz"), values),  # sets an attribute of it
    ),
)
Operation = tuple[str, dict[str, str] | tuple[str, str] | None]


def act(items: FakeItems, operation: Operation) -> None:
    name, what = operation
    key: Item = {"id": {"S": name}}
    if what is None:
        if items[key] is not None:
            items.delete(key)
    elif isinstance(what, dict):
        items.put(key | {each: {"S": value} for each, value in what.items()})
    else:
        items.put((items[key] or key) | {what[0]: {"S": what[1]}})


def states(items: FakeItems) -> dict[str, Item | None]:
    return {name: items[{"id": {"S": name}}] for name in KEYS}


@given(
    st.lists(operations, max_size=4),
    st.lists(operations, min_size=1, max_size=5),
    st.lists(operations, max_size=3),
    st.lists(st.tuples(st.integers(1, 80), operations), max_size=4),
    st.sets(st.integers(1, 80), max_size=8),
    st.sampled_from([60, 1200]),
    st.sampled_from(["keep", "overwrite"]),
)
def test_whatever_happens(
    good: list[Operation],
    damage: list[Operation],
    since: list[Operation],
    meanwhile: list[tuple[int, Operation]],
    kills: set[int],
    length: int,
    conflicts: str,
) -> None:
    world = UndoWorld()
    for operation in good:
        act(world.items, operation)
    world.clock.advance(1800)
    old, from_ = states(world.items), world.clock.now.replace(microsecond=0) + timedelta(seconds=1)
    world.clock.now = from_
    for operation in damage:
        act(world.items, operation)
    new, to = states(world.items), from_ + timedelta(seconds=length)
    world.clock.now = to
    for operation in since:
        act(world.items, operation)
    world.clock.advance(600)
    ours = _undo(world, kills, meanwhile, from_, to, conflicts)

    completed = world.completed()
    told = Counter({fact.id: fact.detail_type for fact in world.facts.published}.values())
    assert told == {"Undo Accepted": 1, "Undo Planned": 1, "Undo Completed": 1}
    lines = {line["key"]["id"]["S"]: line for line in world.lines()}
    for name in KEYS:
        # The plan is about what the window changed, and knows what it was and became.
        assert (name in lines) == (not same_item(old[name], new[name]))
        if name in lines:
            assert same_item(lines[name]["old"], old[name])
            assert same_item(lines[name]["new"], new[name])
    taken: dict[str, Item] = {}
    for write, before, after in ours.written:
        name = write.key["id"]["S"]
        if write.kind == "delete" and not same_item(before, new[name]) and conflicts == "keep":
            assert before is not None
            taken[name] = before  # more than was seen: it must come back
            continue
        if name in taken:
            assert same_item(after, taken.pop(name))
            continue
        for each in {*(before or {}), *(after or {})} - {"id"}:
            theirs, made = (before or {}).get(each), (after or {}).get(each)
            if not same(theirs, made):
                assert same(made, (old[name] or {}).get(each))
                shown = [(new[name] or {}).get(each)]
                if conflicts == "overwrite":
                    shown.append((lines[name]["live"] or {}).get(each))
                assert any(same(theirs, each_shown) for each_shown in shown)
    done = [each for part in world.parts() for each in done_of(world.objects, "u-1", part["part"])]
    doubtful = {each.key["id"]["S"] for each in done if each.doubtful}
    assert taken.keys() <= doubtful  # it was killed before it could give back, and says so
    assert completed.doubtful == len(doubtful)
    wrote = {key_text(each.key, ["id"]) for each in done if each.outcome.wrote}
    touched = {key_text(write.key, ["id"]) for write, _, _ in ours.written}
    conflicting = {key_text(each.key, ["id"]) for each in done if not each.outcome.wrote}
    assert touched <= wrote | conflicting
    counts = completed.counts
    assert counts.failed == 0
    assert counts.conflict == sum(each.outcome is Outcome.CONFLICT for each in done) + sum(
        line["planned"] == "conflict" for line in lines.values()
    )
    assert len(done) == sum(Planned(line["planned"]).writes for line in lines.values())


def _undo(
    world: UndoWorld,
    kills: set[int],
    meanwhile: list[tuple[int, Operation]],
    from_: datetime,
    to: datetime,
    conflicts: str,
) -> Ours:
    """Plan, approve and carry out, while functions die and others write."""
    items = world.items
    ours = Ours(items)
    items.before_write, items.after_write = ours.before, ours.after
    fate = Fate(kills, {at: partial(act, items, operation) for at, operation in meanwhile})
    real = {name: getattr(world, name) for name in ("ledger", "objects", "facts", "workflows")}
    for name, port in {**real, "items": items, "exports": world.exports}.items():
        setattr(world, name, Watched(port, fate))
    detail = world.request(from_=from_.isoformat(), to=to.isoformat(), conflicts=conflicts)
    until_it_lives(fate, lambda: world.reception().receive(detail, "event-1", ACCOUNT))
    world.plan_by_steps(lambda step: until_it_lives(fate, step))
    approval = {"planId": "u-1", "fingerprint": real["ledger"].records["u-1"].plan.fingerprint}
    until_it_lives(fate, lambda: world.approvals().receive(approval, "event-2", ACCOUNT))
    world.carry_out_by_steps(lambda step: until_it_lives(fate, step))
    for name, port in {**real, "items": items}.items():
        setattr(world, name, port)
    assert world.workflows.started == [("u-1", Phase.PLAN), ("u-1", Phase.APPLY)]
    assert world.ledger.begun == {}
    return ours

"""Undos from the request to their end, on the use cases, with a table and a bucket in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from pitr_guardian.exports.record import Item
from pitr_guardian.facts.undo_facts import OutcomeCounts, PlanCounts
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.undo import places
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.verifier import Verifier, done_of
from tests.fakes.undos import UndoWorld


def item(number: int, **others: str) -> Item:
    return {"id": {"S": f"k{number}"}, **{name: {"S": value} for name, value in others.items()}}


@pytest.fixture
def world() -> UndoWorld:
    """Six items an hour ago; some minutes ago a script damaged them, and life went on."""
    world = UndoWorld()
    for number in range(6):
        world.items.put(item(number, price="good", stock="5"))
    world.clock.advance(3600)
    asked_from = world.clock.now
    world.clock.advance(10)
    world.items.put(item(0, price="bad", stock="5"))  # reverted
    world.items.put(item(1, price="bad", stock="5"))  # merged
    world.items.put(item(2, price="bad", stock="5"))  # conflict
    world.items.delete(item(3))  # put back
    world.items.put(item(7, price="bad"))  # removed
    world.items.put(item(4, price="bad", stock="5"))  # as before
    world.clock.advance(1200)
    asked_to = world.clock.now
    world.clock.advance(10)
    world.items.put(item(1, price="bad", stock="4"))
    world.items.put(item(2, price="newest", stock="5"))
    world.items.put(item(4, price="good", stock="5"))
    world.clock.advance(600)
    world.ask(from_=asked_from.isoformat(), to=asked_to.isoformat())
    return world


AFTER = [
    item(0, price="good", stock="5"),
    item(1, price="good", stock="4"),
    item(2, price="newest", stock="5"),
    item(3, price="good", stock="5"),
    item(4, price="good", stock="5"),
    item(5, price="good", stock="5"),
]


def test_a_plan_says_what_would_be_done_and_changes_nothing(world: UndoWorld) -> None:
    before = world.items.all
    planned = world.plan()
    assert planned.counts == PlanCounts(
        remove=1, put_back=1, revert=1, merge=1, conflict=1, as_before=1
    )
    assert world.items.all == before
    assert world.facts.kinds == ["Undo Accepted", "Undo Planned"]
    by_key = {line["key"]["id"]["S"]: line for line in world.lines()}
    assert {key: line["planned"] for key, line in by_key.items()} == {
        "k0": "revert",
        "k1": "merge",
        "k2": "conflict",
        "k3": "putBack",
        "k4": "asBefore",
        "k7": "remove",
    }
    assert by_key["k1"]["old"]["price"] == {"S": "good"}
    assert by_key["k1"]["new"]["price"] == {"S": "bad"}
    assert by_key["k1"]["live"]["stock"] == {"S": "4"}


def test_an_approved_plan_is_carried_out_and_proved(world: UndoWorld) -> None:
    world.plan()
    world.approve(requestedBy="bob")
    completed = world.carry_out()
    assert world.items.all == AFTER
    assert completed.counts == OutcomeCounts(
        removed=1, put_back=1, reverted=1, merged=1, conflict=1
    )
    assert completed.verified == 4
    assert completed.requested_by == "bob"
    assert world.facts.kinds == ["Undo Accepted", "Undo Planned", "Undo Completed"]
    assert world.ledger.begun == {}


def test_what_was_done_can_be_put_back_and_that_as_well(world: UndoWorld) -> None:
    world.plan()
    damaged = world.items.all
    world.approve()
    world.carry_out()
    healed = world.items.all
    world.reception().receive({"requestId": "u-3", "revert": "u-1"}, "event-4", "111122223333")
    world.plan("u-3")
    world.approve("u-3", "event-5")
    world.carry_out("u-3")
    assert world.items.all == damaged
    world.reception().receive({"requestId": "u-4", "revert": "u-3"}, "event-6", "111122223333")
    world.plan("u-4")
    world.approve("u-4", "event-7")
    world.carry_out("u-4")
    assert world.items.all == healed


def test_the_plan_is_the_same_in_any_number_of_shards(world: UndoWorld) -> None:
    world.plan(shards=5)
    assert sorted(line["key"]["id"]["S"] for line in world.lines()) == [
        "k0",
        "k1",
        "k2",
        "k3",
        "k4",
        "k7",
    ]
    world.approve()
    world.carry_out()
    assert world.items.all == AFTER


def test_whatever_is_run_again_makes_the_same_plan(world: UndoWorld) -> None:
    first = world.plan()
    content = dict(world.objects.content)
    again = UndoWorld()
    again.__dict__.update({k: v for k, v in world.__dict__.items() if k != "ledger"})
    again.ledger.open(world.ledger.records["u-1"].order)
    again.ledger.records["u-1"] = type(world.ledger.records["u-1"])(
        world.ledger.records["u-1"].order
    )
    again.clock.advance(-1)
    assert again.plan().fingerprint == first.fingerprint
    for key, value in world.objects.content.items():
        if "/parts/" in key or key.endswith("items.jsonl"):
            assert content[key] == value


def test_what_was_assembled_twice_is_told_alike(world: UndoWorld) -> None:
    world.plan()
    world.assembly().assemble("u-1", 1, 0)
    planned = [fact for fact in world.facts.told if fact[0] == "Undo Planned"]
    assert len(planned) == 2
    assert planned[0] == planned[1]


def test_a_writer_that_runs_out_of_time_goes_on_where_it_was(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    left = iter([900, 900, 10] * 50)
    completed = world.carry_out(seconds_left=lambda: next(left))
    assert completed.counts.reverted == 1
    assert completed.verified == 4
    assert world.items.all == AFTER
    assert len([key for key in world.objects.content if "/applied/" in key]) > 1


def test_a_writer_that_was_killed_finds_its_own_work(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    part = world.parts()[0]["part"]
    world.applier().apply("u-1", part, 0, lambda: 900)
    writes = len(world.items.writes)
    kept = list(done_of(world.objects, "u-1", part))
    for key in [key for key in world.objects.content if "/applied/" in key]:
        del world.objects.content[key]  # it was killed before it could keep what it had done
    completed = world.carry_out()
    assert len(world.items.writes) == writes
    again = list(done_of(world.objects, "u-1", part))
    # Of what it had removed nobody knows any more whether somebody had added to it.
    assert [each.key for each in again if each.doubtful] == [item(7)]
    assert [each.model_copy(update={"doubtful": False, "why": None}) for each in again] == kept
    assert completed.counts.put_back == completed.counts.removed == completed.doubtful == 1
    assert completed.verified == 4


def test_a_change_between_plan_and_write_is_a_conflict_or_stays(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    world.items.put(item(0, price="theirs", stock="5"))  # conflict: they wrote what the damage did
    world.items.put(item(3, price="another"))  # conflict: it is there again
    world.items.put(item(7, price="bad", note="added"))  # conflict: it isn't the damage's alone
    world.items.put(item(1, price="bad", stock="3"))  # still merged
    completed = world.carry_out()
    assert world.items.all == [
        item(0, price="theirs", stock="5"),
        item(1, price="good", stock="3"),
        *AFTER[2:3],
        item(3, price="another"),
        *AFTER[4:],
        item(7, price="bad", note="added"),
    ]
    assert completed.counts == OutcomeCounts(merged=1, conflict=4)
    # What somebody added to is seen before it is removed: it isn't gone for a moment either.
    assert [write.kind for write in world.items.writes] == ["update"]
    assert completed.verified == 1


def test_a_removal_that_took_too_much_gives_it_back(world: UndoWorld) -> None:
    """Somebody adds to an item between the last look and the deletion."""
    world.plan()
    world.approve()

    def add(write: object) -> None:
        if getattr(write, "kind", "") == "delete":
            world.items.put(item(7, price="bad", note="added just now"))

    world.items.before_write = add
    completed = world.carry_out()
    assert world.items[item(7)] == item(7, price="bad", note="added just now")
    assert (completed.counts.removed, completed.counts.conflict) == (0, 2)


def test_what_is_written_again_after_it_isnt_verified(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    part = world.parts()[0]["part"]
    world.applier().apply("u-1", part, 0, lambda: 900)
    world.items.put(item(0, price="theirs", stock="5"))
    world.items.put(item(1, price="good", stock="1"))  # not what the undo wrote
    Verifier(world.ledger, world.objects, world.items).verify("u-1", part)
    world.finish().finish("u-1")
    completed = world.completed()
    assert completed.verified == 3
    assert "1 item had been written again" in completed.reason


def test_a_part_that_was_swapped_isnt_carried_out(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    part = world.parts()[0]["part"]
    key = places.part("u-1", part)
    other = UndoWorld()
    other.items.put(item(0, price="bad"))
    good = world.objects.content[key]
    for spoilt in (good[:-9], b"", good.replace(good[20:30], b"0123456789")):
        world.objects.content[key] = spoilt
        with pytest.raises(Exception, match="u-1"):
            world.applier().apply("u-1", part, 0, lambda: 900)
    world.objects.content[key] = good
    listed = places.parts_list("u-1")
    world.objects.content[listed] = world.objects.content[listed].replace(b'"units":', b'"units":1')
    world.applier().apply("u-1", part, 0, lambda: 900)  # what isn't written isn't covered
    lines = world.objects.content[listed]
    world.objects.content[listed] = lines.replace(b'"sha256":"', b'"sha256":"0')
    with pytest.raises(Exception, match="isn't the approved one"):
        world.applier().apply("u-1", part, 0, lambda: 900)


def test_nothing_is_written_for_a_plan_that_isnt_approved(world: UndoWorld) -> None:
    world.plan()
    with pytest.raises(Exception, match="no plan u-1 is being carried out"):
        world.applier().apply("u-1", "0000-0000", 0, lambda: 900)
    with pytest.raises(Exception, match="no plan u-9 is being carried out"):
        world.applier().apply("u-9", "0000-0000", 0, lambda: 900)
    world.approve()
    world.carry_out()
    with pytest.raises(Exception, match="no plan u-1 is being carried out"):
        world.applier().apply("u-1", world.parts()[0]["part"], 0, lambda: 900)


def test_nothing_is_written_after_the_answer() -> None:
    """Somebody stopped the workflow; the function goes on until it looks again."""
    world = UndoWorld(rate=2)
    from_ = world.clock.now.isoformat()
    for number in range(200):
        world.items.put(item(number))
    world.clock.advance(1800)
    world.ask(from_=from_)
    world.plan()
    world.approve()

    def stop(write: object) -> None:
        if len(world.items.writes) == 30:
            world.fail(Phase.APPLY)

    world.items.after_write = stop
    with pytest.raises(Exception, match="no plan u-1 is being carried out"):
        world.applier().apply("u-1", world.parts()[0]["part"], 0, lambda: 900)
    assert len(world.items.writes) == 40
    # And what was written can be put back.
    world.items.after_write = lambda _: None
    world.reception().receive({"revert": "u-1", "requestId": "u-2"}, "event-9", "111122223333")
    assert world.plan("u-2").counts == PlanCounts(put_back=40)


def test_writes_keep_to_the_pace(world: UndoWorld) -> None:
    world.plan()
    world.approve()
    world.rate = 10
    world.carry_out()
    # Four writes of a unit each, less what they took themselves.
    assert sum(world.slept) == pytest.approx(4 / 10, rel=0.1)


def test_the_samples_of_a_summary_are_few_keys(world: UndoWorld) -> None:
    world.plan()
    summary = json.loads(world.objects.content[places.summary("u-1")])
    assert summary["samples"] == [{"id": {"S": "k2"}}]  # conflicts first
    assert summary["fingerprint"] == world.planned().fingerprint
    told = json.dumps([fact.detail() for fact in world.facts.published] + world.logged)
    assert "newest" not in told


def first_shown(world: UndoWorld, key: str) -> list[str]:
    told = json.loads(world.objects.content[key].splitlines()[0])
    return [json.loads(each)["id"]["S"] for each in told["first"]]


def test_pages_begin_with_what_a_person_has_to_look_at(world: UndoWorld) -> None:
    world.plan()
    assert first_shown(world, places.page("u-1")) == ["k2"]  # the conflict
    world.approve()
    world.items.put(item(0, price="theirs", stock="5"))
    world.carry_out()
    assert first_shown(world, places.report("u-1")) == ["k0", "k2"]  # the first became one
    lines = world.objects.content[places.report("u-1")].splitlines()[1:]
    told = {json.loads(key)["id"]["S"]: outcome for key, _, outcome in map(json.loads, lines)}
    assert told == {
        "k0": "conflict",
        "k1": "merged",
        "k2": None,
        "k3": "putBack",
        "k4": None,
        "k7": "removed",
    }


def test_pages_without_trouble_begin_with_the_items_as_they_come() -> None:
    world = UndoWorld()
    from_ = world.clock.now.isoformat()
    for number in range(30):
        world.items.put(item(number))
    world.clock.advance(1800)
    world.ask(from_=from_)
    world.plan()
    world.approve()
    world.carry_out()
    for key in (places.page("u-1"), places.report("u-1")):
        assert len(first_shown(world, key)) == 25


def test_a_plan_of_nothing_says_so() -> None:
    world = UndoWorld()
    world.ask()
    planned = world.plan()
    assert planned.counts == PlanCounts()
    assert planned.reason == (
        "Nothing is left to undo in orders: no item was changed in the window that the request "
        "speaks of."
    )
    world.approve()
    assert world.carry_out().counts == OutcomeCounts()


def test_what_has_expired_stays_away() -> None:
    world = UndoWorld(ttl="until")
    soon = str(int((world.clock.now + timedelta(hours=2)).timestamp()))
    later = str(int((world.clock.now + timedelta(hours=50)).timestamp()))
    for number, until in enumerate((soon, later)):
        world.items.put({**item(number), "until": {"N": until}})
    world.clock.advance(3600)
    from_ = world.clock.now.isoformat()
    for number in range(2):
        world.items.delete(item(number))
    world.clock.advance(1800)
    world.ask(from_=from_)
    assert world.plan().counts == PlanCounts(put_back=2)
    world.approve()
    world.clock.advance(3600)
    completed = world.carry_out()
    assert completed.counts == OutcomeCounts(put_back=1, conflict=1)
    assert [each["id"] for each in world.items.all] == [{"S": "k1"}]
    assert b"expired by the table's TTL" not in world.objects.content[places.items("u-1")]


def test_keys_of_every_kind() -> None:
    def keys() -> Iterator[tuple[Key, Item, Item]]:
        for kind, one, other in (("S", "a", "b"), ("N", "10", "1.5"), ("B", "AAE=", "/w==")):
            part = KeyAttribute(name="id", type=kind)  # type: ignore[arg-type]
            yield Key(partition=part), {"id": {kind: one}}, {"id": {kind: other}}
            sort = KeyAttribute(name="size", type=kind)  # type: ignore[arg-type]
            yield (
                Key(partition=part, sort=sort),
                {"id": {kind: one}, "size": {kind: one}},
                {"id": {kind: one}, "size": {kind: other}},
            )

    for key, one, other in keys():
        world = UndoWorld(key=key)
        world.items.put(one)  # of its key alone
        world.clock.advance(1800)
        from_ = world.clock.now.isoformat()
        world.items.delete(one)
        world.items.put(other)
        world.clock.advance(1800)
        world.ask(from_=from_)
        assert world.plan().counts == PlanCounts(remove=1, put_back=1)
        world.approve()
        world.carry_out()
        assert world.items.all == [one]


def test_one_partition_alone() -> None:
    key = Key(partition=KeyAttribute(name="id", type="N"), sort=KeyAttribute(name="at", type="S"))
    world = UndoWorld(key=key)
    from_ = world.clock.now.isoformat()
    for number in ("1", "2"):
        for at in "ab":
            world.items.put({"id": {"N": number}, "at": {"S": at}})
    world.clock.advance(1800)
    world.ask(from_=from_, partition=1.0)
    assert world.plan().counts == PlanCounts(remove=2)
    # Nothing else is exported, or paid for.
    assert list(world.exports.keys.values()) == [{"id": {"N": "1.0"}}]
    assert {line["key"]["id"]["N"] for line in world.lines()} == {"1"}


def test_only_some_changes() -> None:
    world = UndoWorld()
    world.items.put(item(0, price="good"))
    world.items.put(item(1, price="good"))
    world.clock.advance(1800)
    from_ = world.clock.now.isoformat()
    world.items.put(item(0, price="bad"))
    world.items.put(item(1, price="fine"))
    world.items.put(item(2, price="bad"))
    world.clock.advance(1800)
    changes = ["updated", "deleted"]
    world.ask(
        from_=from_, changes=changes, where=[{"attribute": "price", "is": "=", "value": "bad"}]
    )
    assert world.plan().counts == PlanCounts(revert=1)
    world.ask(
        event_id="event-9",
        requestId="u-2",
        where=[{"attribute": "price", "is": "begins_with", "value": "f", "image": "live"}],
        from_=from_,
    )
    assert world.plan("u-2").counts == PlanCounts(revert=1)
    assert [line["key"]["id"]["S"] for line in world.lines("u-2")] == ["k1"]


def test_many_items_make_bounded_parts() -> None:
    world = UndoWorld()
    from_ = world.clock.now.isoformat()
    for number in range(2300):
        world.items.put(item(number))
    world.clock.advance(1800)
    world.ask(from_=from_)
    assert world.plan().counts.remove == 2300
    assert [part["lines"] for part in world.parts()] == [1000, 1000, 300]
    world.approve()
    assert world.carry_out().verified == 2300
    assert world.items.all == []


def test_the_ledger_decides_what_a_plan_is_about(world: UndoWorld) -> None:
    world.plan()
    assert world.workflows.started == [("u-1", Phase.PLAN)]
    with pytest.raises(Exception, match="no plan u-1 is being made"):
        world.plan()

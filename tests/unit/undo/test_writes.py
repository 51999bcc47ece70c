"""Each write is conditional on what was seen, in expressions that DynamoDB takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.undo.anew import anew
from pitr_guardian.undo.line import Line, Outcome, Planned
from pitr_guardian.undo.planner import planned
from pitr_guardian.undo.ports import ItemRefusedError, Written
from pitr_guardian.undo.shape import Shape
from pitr_guardian.undo.writes import (
    LONGEST_EXPRESSION,
    MOST_COMPARED,
    MOST_OPERATORS,
    TooComplexError,
    Write,
    write_of,
)
from pitr_guardian.undo.writing import ItemWriter
from tests.fakes.cloudtrail import ORDERS
from tests.fakes.items import FakeItems
from tests.fakes.undos import UndoWorld

KEY = Key(partition=KeyAttribute(name="name", type="S"), sort=KeyAttribute(name="size", type="N"))
OF: Item = {"name": {"S": "k"}, "size": {"N": "1"}}
NOW = datetime(2026, 11, 25, tzinfo=UTC)


def line(planned: Planned, old: Item | None, new: Item | None, live: Item | None) -> Line:
    return Line(key=OF, planned=planned, old=old, new=new, live=live)


def attributes(count: int, value: str) -> Item:
    return {**OF, **{f"a{number}": {"S": value} for number in range(count)}}


def test_an_update_changes_only_what_goes_back_and_only_if_it_is_as_seen() -> None:
    old: Item = {**OF, "status": {"S": "paid"}, "total": {"N": "10"}, "note": {"S": "hi"}}
    new: Item = {**OF, "status": {"S": "lost"}, "total": {"N": "10.0"}, "a.b": {"S": "x"}}
    write = write_of(line(Planned.REVERT, old, new, new), KEY)
    assert write == Write(
        "update",
        OF,
        # The item is there, or the update would make one; what the damage took is still away.
        "attribute_exists(#0) AND #1 = :0 AND attribute_not_exists(#2) AND #3 = :1",
        {"#0": "name", "#1": "a.b", "#2": "note", "#3": "status"},
        {":0": {"S": "x"}, ":1": {"S": "lost"}, ":2": {"S": "hi"}, ":3": {"S": "paid"}},
        update="SET #2 = :2, #3 = :3 REMOVE #1",
    )


def test_a_merge_leaves_others_attributes_out() -> None:
    old, new = attributes(2, "good"), attributes(2, "bad")
    live: Item = {**new, "a0": {"S": "good"}, "theirs": {"S": "x"}}
    write = write_of(line(Planned.MERGE, old, new, live), KEY)
    assert set(write.names.values()) == {"name", "a1"}
    assert write.update == "SET #1 = :1"


def test_a_removal_takes_all_and_so_all_is_as_seen() -> None:
    write = write_of(line(Planned.REMOVE, None, None, {**OF, "size2": {"NULL": True}}), KEY)
    assert (write.kind, write.condition) == ("delete", "attribute_exists(#0) AND #1 = :0")
    assert write.names == {"#0": "name", "#1": "size2"}
    alone = write_of(line(Planned.REMOVE, None, OF, OF), KEY)
    assert (alone.condition, alone.values) == ("attribute_exists(#0)", {})


def test_what_was_deleted_goes_where_nothing_is() -> None:
    write = write_of(line(Planned.PUT_BACK, OF, None, None), KEY)
    assert write == Write("put", OF, "attribute_not_exists(#k)", {"#k": "name"}, {}, item=OF)


@pytest.mark.parametrize("kind", [Planned.CONFLICT, Planned.EXPIRED, Planned.AS_BEFORE])
def test_no_other_line_is_written(kind: Planned) -> None:
    with pytest.raises(ValueError, match="nothing is written"):
        write_of(line(kind, OF, OF, OF), KEY)


def operators(expression: str) -> int:
    return expression.count(" AND ") + expression.count(" = ") + expression.count("attribute_")


@pytest.mark.parametrize("count", [1, 100, 149, 150, 400])
def test_expressions_keep_to_dynamodbs_limits(count: int) -> None:
    good, bad = attributes(count, "good"), attributes(count, "bad")
    for each in (line(Planned.REVERT, good, bad, bad), line(Planned.REVERT, OF, bad, bad)):
        if count < 150:
            write = write_of(each, KEY)
            for expression in (write.condition, write.update or ""):
                assert operators(expression) <= MOST_OPERATORS
                assert len(expression) <= LONGEST_EXPRESSION
        else:
            with pytest.raises(TooComplexError, match=f"a condition on {count} attributes is more"):
                write_of(each, KEY)


@pytest.mark.parametrize("count", [149, 150, 400, 20_000])
def test_a_removal_compares_what_an_expression_holds(count: int) -> None:
    bad = attributes(count, "bad")
    write = write_of(line(Planned.REMOVE, None, bad, bad), KEY)
    assert write.condition.count(" = ") == min(count, MOST_COMPARED) == 149
    assert operators(write.condition) <= MOST_OPERATORS
    assert len(write.condition) <= LONGEST_EXPRESSION


def test_what_a_removal_cannot_compare_is_seen_in_what_it_took() -> None:
    bad = attributes(400, "bad")
    theirs: Item = {**bad, "a399": {"S": "theirs"}}
    items = FakeItems([theirs], KEY)
    done = writer(items).carry_out(line(Planned.REMOVE, None, bad, bad))
    assert (done.outcome, done.before, items.all) == (Outcome.CONFLICT, theirs, [theirs])
    items = FakeItems([bad], KEY)
    assert writer(items).carry_out(line(Planned.REMOVE, None, bad, bad)).outcome is Outcome.REMOVED
    assert items.all == []


def test_what_no_expression_can_say_is_planned_as_a_conflict() -> None:
    world = UndoWorld()
    world.ask()
    order = world.ledger.records["u-1"].order
    good, bad = attributes(150, "good"), attributes(150, "bad")
    told = planned(order, Images(OF, good, bad), bad)
    assert told.planned is Planned.CONFLICT
    assert "put it right by hand" in (told.why or "")
    assert planned(order, Images(OF, good, None), None).planned is Planned.PUT_BACK


def test_what_changes_after_the_plan_isnt_overwritten_even_if_asked_to() -> None:
    seen: Item = {**OF, "a0": {"S": "theirs"}}
    asked = line(Planned.REVERT, attributes(1, "good"), attributes(1, "bad"), seen)
    assert anew(asked, {**seen, "a0": {"S": "newer"}}, None, NOW).planned is Planned.CONFLICT
    assert anew(asked, {**seen, "more": {"S": "x"}}, None, NOW).planned is Planned.MERGE
    assert anew(asked, attributes(1, "good"), None, NOW).planned is Planned.AS_BEFORE


class Restless(FakeItems):
    """Somebody changes the item, a little, before each write."""

    def write(self, table: object, write: Write) -> Written:
        found = self[OF] or OF
        self.put({**found, "a0": {"S": f"bad{len(self.writes)}{self.reads}"}})
        self.reads += 1
        return super().write(ORDERS, write)


def writer(items: FakeItems) -> ItemWriter:
    return ItemWriter(items, ORDERS, Shape(table_id="1", key=KEY), lambda: NOW, [].append)  # type: ignore[arg-type]


def test_an_item_that_wont_rest_is_a_conflict() -> None:
    items = Restless([attributes(1, "bad")], KEY)
    done = writer(items).carry_out(
        line(Planned.REVERT, attributes(1, "good"), attributes(1, "bad"), attributes(1, "bad"))
    )
    assert done.outcome is Outcome.CONFLICT
    assert items.writes == []


def test_an_item_that_dynamodb_refuses_has_failed_and_the_others_go_on() -> None:
    class Refusing(FakeItems):
        def write(self, table: object, write: Write) -> Written:
            raise ItemRefusedError("Item size has exceeded the maximum allowed size")

    done = writer(Refusing([], KEY)).carry_out(line(Planned.PUT_BACK, OF, None, None))
    assert (done.outcome, done.why) == (
        Outcome.FAILED,
        "Item size has exceeded the maximum allowed size",
    )


def test_what_was_taken_by_mistake_is_given_back_whatever_it_takes() -> None:
    class Throttled(FakeItems):
        faults = 5

        def write(self, table: object, write: Write) -> Written:
            if write.kind == "delete":
                self.put({**OF, "added": {"S": "x"}})
            elif self.faults:
                self.faults -= 1
                raise TryLaterError("throttled")
            return super().write(ORDERS, write)

    items = Throttled([OF], KEY)
    done = writer(items).carry_out(line(Planned.REMOVE, None, OF, OF))
    assert done.outcome is Outcome.CONFLICT
    assert items.all == [{**OF, "added": {"S": "x"}}]
    # Somebody made it again meanwhile: theirs stays.
    items = Throttled([OF], KEY)

    def make_again(write: Write) -> None:
        items.put({**OF, "new": {"S": "y"}})

    items.after_write = make_again
    done = writer(items).carry_out(line(Planned.REMOVE, None, OF, OF))
    assert done.outcome is Outcome.CONFLICT
    assert items.all == [{**OF, "new": {"S": "y"}}]
    assert (done.before, done.after) == ({**OF, "added": {"S": "x"}}, {**OF, "new": {"S": "y"}})
    # What can't be given back is told, and kept whole.
    items = Throttled([OF], KEY)
    items.faults = 1000
    done = writer(items).carry_out(line(Planned.REMOVE, None, OF, OF))
    assert (done.outcome, items.all) == (Outcome.FAILED, [])
    assert (done.before, done.after) == ({**OF, "added": {"S": "x"}}, None)
    assert "put it back by hand: throttled" in (done.why or "")

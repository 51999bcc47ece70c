"""An item in the words of the page."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.undo.item_view import key_said, value_said, view_of
from pitr_guardian.undo.line import Applied, Line, Outcome, Planned
from tests.fakes.undo_pages import line, priced


def marks(view: Any) -> dict[str, tuple[str, str]]:
    return {each.name: (each.damage, each.since) for each in view.attributes}


def test_only_what_differs_is_shown_and_the_damage_is_marked() -> None:
    view = view_of(line(Planned.REVERT, "order-1"))
    assert marks(view) == {"Price": ("damage", "")}
    assert view.attributes[0][1:4] == ("40", "1", "1")


def test_what_others_wrote_since_is_marked_apart() -> None:
    view = view_of(line(Planned.MERGE, "order-1", Status="shipped"))
    assert marks(view) == {"Price": ("damage", ""), "Status": ("", "since")}


def test_numbers_that_are_written_otherwise_do_not_differ() -> None:
    old, new = {"Id": {"N": "1"}, "P": {"N": "10"}}, {"Id": {"N": "1"}, "P": {"N": "1E+1"}}
    view = view_of(
        Line(key={"Id": {"N": "1"}}, planned=Planned.AS_BEFORE, old=old, new=new, live=old)
    )
    assert view.attributes == ()
    assert view.note == "Is already as it was; nothing to do."


def test_an_item_that_is_not_there_has_no_values() -> None:
    view = view_of(line(Planned.REMOVE, "order-1", old=None))
    assert [each.old for each in view.attributes] == ["—", "—"]


@pytest.mark.parametrize(
    ("outcome", "after", "kind", "now"),
    [
        (Outcome.REVERTED, 40, "revert", "40"),
        (Outcome.REMOVED, None, "remove", "—"),
        (Outcome.CONFLICT, 7, "conflict", "7"),
        (Outcome.FAILED, None, "failed", "—"),
    ],
)
def test_after_applying_an_item_is_shown_as_it_became(
    outcome: Outcome, after: int | None, kind: str, now: str
) -> None:
    planned = line(Planned.REVERT, "order-1")
    applied = Applied(
        key=planned.key,
        planned=planned.planned,
        outcome=outcome,
        before=planned.live,
        after=priced("order-1", after),
        why="changed meanwhile" if outcome is Outcome.CONFLICT else None,
    )
    view = view_of(planned, applied)
    assert view.kind == kind
    assert {each.name: each.live for each in view.attributes}["Price"] == now


def test_of_hundreds_of_attributes_some_are_shown_and_the_rest_is_counted() -> None:
    wide = {f"a{number:03}": {"S": "x"} for number in range(100)}
    view = view_of(
        Line(key={"Id": {"S": "1"}}, planned=Planned.PUT_BACK, old=wide, new=None, live=None)
    )
    assert len(view.attributes) == 20
    assert view.rest == "80 more attributes differ."


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"S": "a\u202eb"}, "a\ufffdb"),
        ({"S": ""}, "(empty text)"),
        ({"N": "12.50"}, "12.50"),
        ({"BOOL": False}, "false"),
        ({"NULL": True}, "null"),
        ({"B": "AQI="}, "(binary) AQI="),
        ({"SS": ["a", "b"]}, '["a", "b"]'),
        ({"M": {"a": {"L": [{"N": "1"}, {"NULL": True}]}}}, '{"a": ["1", null]}'),
    ],
)
def test_values_are_said_as_a_person_reads_them(value: dict[str, Any], said: str) -> None:
    assert value_said(value) == said


def test_a_value_without_end_has_one() -> None:
    assert len(value_said({"S": "x" * 400_000})) == 120
    assert len(value_said({"L": [{"S": "x" * 400_000}]})) == 120


def test_a_key_of_two_parts_is_one_text() -> None:
    assert key_said({"Id": {"S": "ada"}, "At": {"N": "7"}}) == "ada · 7"

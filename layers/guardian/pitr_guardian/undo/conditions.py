"""Which changes are undone: conditions on items, with the types compared as DynamoDB does.

Comparison operators and functions are those of condition expressions (developer guide, "Condition
and filter expressions, operators, and functions"): values of different types are never equal and
have no order; what isn't there fulfils `!=` and `missing`, and nothing else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import kind_of, ordered, same
from pitr_guardian.undo.given import value_of
from pitr_guardian.undo.request import ChangeKind, Condition, UndoRequest

_SETS = {"SS": "S", "NS": "N", "BS": "B"}


def kind_of_change(images: Images) -> ChangeKind:
    """What the window did to an item."""
    if images.old is None:
        return "inserted"
    return "deleted" if images.new is None else "updated"


def concerns(request: UndoRequest, images: Images) -> bool:
    """Tell whether a change is to be undone, as far as its old and new image tell.

    What isn't known of ``new`` excludes nothing: the item is listed as a conflict.
    """
    if not images.differ:
        return False
    is_of_kind = request.changes == "all" or kind_of_change(images) in request.changes
    if not is_of_kind and images.known:
        return False
    seen = {"old": images.old, "new": images.new}
    return all(
        fulfils(condition, seen[condition.image])
        for condition in request.where
        if condition.image == "old" or (condition.image == "new" and images.known)
    )


def concerns_live(request: UndoRequest, live: Item | None) -> bool:
    """Tell whether the conditions on the item as it is now hold."""
    return all(fulfils(each, live) for each in request.where if each.image == "live")


def fulfils(condition: Condition, item: Item | None) -> bool:
    """Tell whether an item fulfils a condition; None, no item, has no attributes."""
    found = (item or {}).get(condition.attribute)
    if condition.is_ in ("exists", "missing"):
        return (found is not None) == (condition.is_ == "exists")
    wanted = value_of(condition.value)
    if condition.is_ == "!=":
        return not same(found, wanted)
    return found is not None and _OPERATORS[condition.is_](found, wanted)


def _by_order(holds: Callable[[Any, Any], bool]) -> Callable[[Value, Value], bool]:
    def compare(found: Value, wanted: Value) -> bool:
        one, other = ordered(found), ordered(wanted)
        return one is not None and other is not None and one[0] == other[0] and holds(one, other)

    return compare


def _begins_with(found: Value, wanted: Value) -> bool:
    one, other = ordered(found), ordered(wanted)
    if one is None or other is None or one[0] != other[0] or one[0] == "N":
        return False
    return bool(one[1].startswith(other[1]))


def _contains(found: Value, wanted: Value) -> bool:
    kind, content = kind_of(found)
    members: Sequence[Value] = ()
    if kind == "L":
        members = content
    elif kind in _SETS:
        members = [{_SETS[kind]: member} for member in content]
    elif kind in ("S", "B") and kind in wanted:
        one, other = ordered(found), ordered(wanted)
        return one is not None and other is not None and other[1] in one[1]
    return any(same(member, wanted) for member in members)


_OPERATORS: Mapping[str, Callable[[Value, Value], bool]] = {
    "=": same,
    "<": _by_order(lambda one, other: one < other),
    "<=": _by_order(lambda one, other: one <= other),
    ">": _by_order(lambda one, other: one > other),
    ">=": _by_order(lambda one, other: one >= other),
    "begins_with": _begins_with,
    "contains": _contains,
}

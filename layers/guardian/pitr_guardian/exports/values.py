"""Attribute values compared as DynamoDB means them.

Numbers by value (up to 38 digits), sets without order, binaries by their bytes, documents all the
way down (developer guide, "Supported data types and naming rules in DynamoDB").
"""

import base64
import json
from collections.abc import Callable, Hashable, Iterable
from decimal import Decimal
from typing import Any, cast

from pitr_guardian.exports.record import Item, Value


def same_item(one: Item | None, other: Item | None) -> bool:
    """Tell whether two items are equal; None, no item, equals only itself."""
    if one is None or other is None:
        return one is other
    return one == other or (
        one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    )


def same(one: Value | None, other: Value | None) -> bool:
    """Tell whether two values are equal; None, no value, equals only itself."""
    if one is None or other is None:
        return one is other
    return one == other or canonical(one) == canonical(other)


def differing(one: Item, other: Item) -> list[str]:
    """Name the attributes in which two items differ, sorted."""
    names = one.keys() | other.keys()
    return sorted(name for name in names if not same(one.get(name), other.get(name)))


def canonical(value: Value) -> Hashable:
    """Write a value so that two equal ones are equal, and none is equal to one of another type."""
    kind, content = kind_of(value)
    return kind, _CANONICAL[kind](content)


def kind_of(value: Value) -> tuple[str, Any]:
    """Take a value apart: its type's descriptor and its content.

    Raises:
        ValueError: it isn't one, as that it has two types.
    """
    if len(value) == 1:
        [(kind, content)] = value.items()
        if kind in _CANONICAL:
            return kind, content
    raise ValueError("no attribute value of DynamoDB's")


def ordered(value: Value) -> tuple[str, Any] | None:
    """The type and what to order by, of the types that DynamoDB orders: S, N and B; else None.

    Texts go by their bytes in UTF-8, binaries by theirs as unsigned numbers.
    """
    kind, content = kind_of(value)
    match kind:
        case "S":
            return kind, str(content).encode("utf-8", "surrogatepass")
        case "N" | "B":
            return kind, _CANONICAL[kind](content)
    return None


def number_text(number: str) -> str:
    """Write a number in the one way that stands for all ways to write it."""
    _, digits, exponent = Decimal(number).as_tuple()
    if not any(digits):
        return "0"
    places = cast("int", exponent)
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    sign = "-" if number.lstrip().startswith("-") else ""
    return f"{sign}{kept}E{places + len(text) - len(kept)}"


def key_text(key: Item, names: Iterable[str]) -> str:
    """Write a key in the one way that stands for all ways to write it, as text to sort and hash.

    Args:
        key: the key, or an item with it.
        names: the names of the key's attributes, in the schema's order.
    """
    parts = []
    for name in names:
        kind, content = kind_of(key[name])
        if kind == "N":
            content = number_text(content)
        elif kind == "B":
            content = base64.b64encode(_bytes(content)).decode()
        parts.append([kind, content])
    return json.dumps(parts)


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _set_of(make: Callable[[Any], Hashable]) -> Callable[[Any], Hashable]:
    return lambda members: frozenset(map(make, members))


_CANONICAL: dict[str, Callable[[Any], Hashable]] = {
    "S": str,
    "N": Decimal,
    "B": _bytes,
    "BOOL": bool,
    "NULL": bool,
    "SS": _set_of(str),
    "NS": _set_of(Decimal),
    "BS": _set_of(_bytes),
    "L": lambda members: tuple(map(canonical, members)),
    "M": lambda members: frozenset((name, canonical(each)) for name, each in members.items()),
}

"""What writing an item takes, in DynamoDB's units.

An item's size is that of its names and values (developer guide, "DynamoDB item sizes and formats");
a write takes a unit for each KB of the larger of the item before and after, a deletion of the item
before, and a unit at least ("DynamoDB read and write operations").
"""

import base64
from typing import Any

from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import kind_of
from pitr_guardian.undo.line import Line

_CONTAINER = 3
"""Bytes of a list or map, besides one for each member."""
_READ, _WRITE = 4096, 1024


def write_units(line: Line) -> int:
    """The write units that a line takes; none where it writes nothing."""
    if not line.planned.writes:
        return 0
    return -(-max(item_size(line.old), item_size(line.live), 1) // _WRITE)


def read_units(item: Item | None) -> int:
    """The read units that a strongly consistent read of an item takes."""
    return -(-max(item_size(item), 1) // _READ)


def item_size(item: Item | None) -> int:
    """The size of an item, in bytes; roughly, as nobody says how many a number takes."""
    return sum(len(name.encode()) + _size(value) for name, value in (item or {}).items())


def _size(value: Value) -> int:
    kind, content = kind_of(value)
    match kind:
        case "M":
            return _CONTAINER + item_size(content) + len(content)
        case "L":
            return _CONTAINER + sum(map(_size, content)) + len(content)
        case "SS" | "NS" | "BS":
            return sum(_scalar(kind[0], member) for member in content)
    return _scalar(kind, content)


def _scalar(kind: str, content: Any) -> int:
    match kind:
        case "S":
            return len(content.encode("utf-8", "surrogatepass"))
        case "N":
            return len(content) // 2 + 2
        case "B":
            return len(base64.b64decode(content))
    return 1

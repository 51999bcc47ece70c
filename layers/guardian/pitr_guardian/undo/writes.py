"""From a line of a plan to one conditional write.

A write changes only what is to be put back, and is conditional on just that being as it was seen:
what others write beside it neither stops it nor is lost. Only a deletion takes all of an item, and
so it is conditional on all of it, as far as an expression reaches: whoever sends it looks at what
it took.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import differing
from pitr_guardian.tables.keys import Key
from pitr_guardian.undo.line import Line, Planned

LONGEST_EXPRESSION = 4096
"""Bytes (developer guide, "Quotas and limits in Amazon DynamoDB", expression parameters)."""
MOST_OPERATORS = 300
"""Operators and functions of an expression (the same, and "Count expression operators")."""
MOST_COMPARED = (MOST_OPERATORS - 1) // 2
"""Attributes that a condition compares: an operator for each, an AND before it, and that the item
is there."""


class TooComplexError(ValueError):
    """A write would need a longer expression than DynamoDB takes; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Write:
    """One conditional write; never an unconditional one.

    ``item`` is there for a put, ``update`` (the update expression) for an update. Names and values
    are the placeholders' of both expressions; ``values`` may be empty, and is then to be left out.
    """

    kind: Literal["put", "update", "delete"]
    key: Item
    condition: str
    names: dict[str, str]
    values: dict[str, Value]
    item: Item | None = None
    update: str | None = None


def changes_of(line: Line) -> dict[str, Value | None]:
    """The attributes that an update of a line writes, and with what; None removes one."""
    if line.old is None or line.live is None:
        raise ValueError("an update is between two items")
    names = differing(line.old, line.live)
    if line.planned is Planned.MERGE:
        damaged = differing(line.old, line.new or {})
        names = [name for name in names if name in damaged]
    return {name: line.old.get(name) for name in names}


def write_of(line: Line, key: Key) -> Write:
    """Make the write of a line that plans one.

    Raises:
        TooComplexError: DynamoDB would take no such expression.
    """
    match line.planned:
        case Planned.REMOVE:
            return _removal(line, key)
        case Planned.PUT_BACK if line.old is not None:
            return insertion(line.key, line.old, key)
        case Planned.REVERT | Planned.MERGE:
            return _update(line, key)
    raise ValueError(f"nothing is written for {line.planned}")


def insertion(of: Item, item: Item, key: Key) -> Write:
    """Put an item where there is none."""
    names = {"#k": key.partition.name}
    return Write("put", of, "attribute_not_exists(#k)", names, {}, item=item)


def _removal(line: Line, key: Key) -> Write:
    seen = {name: value for name, value in (line.live or {}).items() if name not in key.names}
    terms = _Terms()
    condition = terms.condition(key, islice(seen.items(), MOST_COMPARED))
    terms.check(condition, comparisons=min(len(seen), MOST_COMPARED))
    return Write("delete", line.key, condition, terms.names, terms.values)


def _update(line: Line, key: Key) -> Write:
    live = line.live or {}
    changes = changes_of(line)
    terms = _Terms()
    condition = terms.condition(key, [(name, live.get(name)) for name in changes])
    put = [f"{terms.name(n)} = {terms.value(v)}" for n, v in changes.items() if v is not None]
    gone = [terms.name(name) for name, value in changes.items() if value is None]
    clauses = (f"SET {', '.join(put)}" if put else "", f"REMOVE {', '.join(gone)}" if gone else "")
    update = " ".join(filter(None, clauses))
    terms.check(condition, update, comparisons=len(changes))
    return Write("update", line.key, condition, terms.names, terms.values, update=update)


class _Terms:
    """Placeholders: names may be reserved words or hold any character, values any content."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Value] = {}
        self._of: dict[str, str] = {}

    def name(self, attribute: str) -> str:
        if attribute not in self._of:
            self._of[attribute] = f"#{len(self._of)}"
            self.names[self._of[attribute]] = attribute
        return self._of[attribute]

    def value(self, value: Value) -> str:
        placeholder = f":{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def condition(self, key: Key, seen: Iterable[tuple[str, Value | None]]) -> str:
        """The item is there (an update would make one), and these attributes are as seen."""
        terms = [f"attribute_exists({self.name(key.partition.name)})"]
        for attribute, value in seen:
            name = self.name(attribute)
            if value is None:
                terms.append(f"attribute_not_exists({name})")
            else:
                terms.append(f"{name} = {self.value(value)}")
        return " AND ".join(terms)

    def check(self, *expressions: str, comparisons: int) -> None:
        # One for each comparison or function, and one for each AND.
        operators = 2 * comparisons + 1
        longest = max(map(len, expressions))
        if operators > MOST_OPERATORS or longest > LONGEST_EXPRESSION:
            raise TooComplexError(
                f"a condition on {comparisons} attributes is more than DynamoDB takes in one write "
                f"({MOST_OPERATORS} operators, {LONGEST_EXPRESSION} bytes); put it right by hand"
            )


def item_after(line: Line, found: Item) -> Item:
    """The item that an update of a line makes of what it found."""
    return _with(found, changes_of(line))


def item_before(line: Line, found: Item) -> Item:
    """The item that an update of a line found, told from what it made of it."""
    live = line.live or {}
    return _with(found, {name: live.get(name) for name in changes_of(line)})


def _with(item: Item, changes: dict[str, Value | None]) -> Item:
    kept = {name: value for name, value in item.items() if name not in changes}
    return kept | {name: value for name, value in changes.items() if value is not None}

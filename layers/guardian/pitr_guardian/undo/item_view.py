"""One item of an undo in the words of its page, whose script shows these and has none of its own.

What an item holds may be anything, of 400 KB, written by whoever did the damage: it is shown
legible and shortened. ``items.jsonl`` has it whole.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pitr_guardian.basics.legible import legible
from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import same
from pitr_guardian.pages.words import many
from pitr_guardian.undo.line import Applied, Line, Outcome, Planned

LABELS: Mapping[str, str] = {
    "conflict": "Conflict",
    "failed": "Failed",
    "remove": "Remove",
    "putBack": "Put back",
    "revert": "Revert",
    "merge": "Merge",
    "expired": "Expired",
    "asBefore": "As before",
}
"""The kinds of items in a person's words, those first that a person has to look at."""

_KINDS = {
    Outcome.REMOVED: "remove",
    Outcome.PUT_BACK: "putBack",
    Outcome.REVERTED: "revert",
    Outcome.MERGED: "merge",
    Outcome.CONFLICT: "conflict",
    Outcome.FAILED: "failed",
}
_NOTES = {
    Planned.EXPIRED: "Not brought back: it would have expired by the table's TTL.",
    Planned.AS_BEFORE: "Is already as it was; nothing to do.",
}
_MOST = 20
"""Attributes of an item that are shown; a table has hundreds, a person looks at some."""
_LONGEST = 120
_LONGEST_KEY = 200
_NONE = "—"


class AttributeView(NamedTuple):
    """An attribute as it was, became and is; the marks are names of styles."""

    name: str
    old: str
    new: str
    live: str
    damage: str
    """``damage`` where the window changed it."""
    since: str
    """``since`` where it was changed after the window."""


@dataclass(frozen=True)
class ItemView:
    """An item of the page's list."""

    kind: str
    key: str
    note: str
    rest: str
    attributes: tuple[AttributeView, ...]


def view_of(line: Line, applied: Applied | None = None) -> ItemView:
    """Put an item into words: as planned, or, where ``applied`` is given, as it became."""
    now = line.live if applied is None else applied.after
    differing = [name for name in _names(line.old, line.new, now) if _differs(name, line, now)]
    shown = tuple(_attribute(name, line, now) for name in differing[:_MOST])
    hidden = len(differing) - len(shown)
    note = applied.why if applied is not None else line.why
    return ItemView(
        kind=_KINDS[applied.outcome] if applied is not None else line.planned.value,
        key=key_said(line.key),
        note=legible(note or _NOTES.get(line.planned, "")),
        rest=f"{many(hidden, 'more attribute')} differ{'s' * (hidden == 1)}." if hidden else "",
        attributes=shown,
    )


def key_said(key: Item) -> str:
    """Say a key: its attributes' values, the partition key's first."""
    return " · ".join(value_said(value, _LONGEST_KEY) for value in key.values())


def value_said(value: Value, longest: int = _LONGEST) -> str:
    """Say an attribute's value, legible and not at length."""
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return legible(held, longest) or "(empty text)"
        case "N":
            return str(held)
        case "B":
            return f"(binary) {legible(held, longest)}"
        case "NULL":
            return "null"
        case "BOOL":
            return "true" if held else "false"
        case _:
            return legible(json.dumps(_plain(value), ensure_ascii=False), longest)


def _plain(value: Value) -> object:
    """A document without its types, as a person reads it."""
    [(kind, held)] = value.items()
    match kind:
        case "M":
            return {name: _plain(inner) for name, inner in held.items()}
        case "L":
            return [_plain(inner) for inner in held]
        case "NULL":
            return None
        case _:
            return held


def _names(*images: Item | None) -> Iterable[str]:
    """The attributes' names, in the order in which they are met."""
    return dict.fromkeys(name for image in images for name in image or {})


def _differs(name: str, line: Line, now: Item | None) -> bool:
    old, new, live = (_of(image, name) for image in (line.old, line.new, now))
    return not (same(old, new) and same(new, live))


def _attribute(name: str, line: Line, now: Item | None) -> AttributeView:
    old, new, live = (_of(image, name) for image in (line.old, line.new, now))
    return AttributeView(
        legible(name, _LONGEST),
        old=_said(old),
        new=_said(new),
        live=_said(live),
        damage="" if same(old, new) else "damage",
        since="" if same(new, live) or same(old, live) else "since",
    )


def _said(value: Value | None) -> str:
    return _NONE if value is None else value_said(value)


def _of(image: Item | None, name: str) -> Value | None:
    return None if image is None else image.get(name)

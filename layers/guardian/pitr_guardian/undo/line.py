"""A line of a plan: an item that was changed in the window, and what is to become of it."""

import json
from enum import StrEnum

from pitr_guardian.basics.model import StoredModel
from pitr_guardian.exports.record import Item


class Planned(StrEnum):
    """What is planned for an item, in the contract's words."""

    REMOVE = "remove"
    PUT_BACK = "putBack"
    REVERT = "revert"
    MERGE = "merge"
    CONFLICT = "conflict"
    EXPIRED = "expired"
    AS_BEFORE = "asBefore"

    @property
    def writes(self) -> bool:
        """Whether anything is to be written."""
        return self not in (Planned.CONFLICT, Planned.EXPIRED, Planned.AS_BEFORE)


class Line(StoredModel):
    """One item: its images at ``from`` and ``to``, and as the plan saw it; None where none was."""

    key: Item
    planned: Planned
    old: Item | None
    new: Item | None
    live: Item | None
    why: str | None = None
    """Why it is a conflict; a sentence without the item's content."""

    @property
    def line(self) -> bytes:
        """The line as it is written: ``key``, ``planned``, ``old``, ``new``, ``live``, ``why``."""
        return written(self)


class Outcome(StrEnum):
    """What became of an item, in the contract's words."""

    REMOVED = "removed"
    PUT_BACK = "putBack"
    REVERTED = "reverted"
    MERGED = "merged"
    CONFLICT = "conflict"
    FAILED = "failed"

    @property
    def wrote(self) -> bool:
        """Whether the item is now as it was planned."""
        return self not in (Outcome.CONFLICT, Outcome.FAILED)


class Applied(StoredModel):
    """What became of one item: as it was before our write, and after it (where written)."""

    key: Item
    planned: Planned
    outcome: Outcome
    before: Item | None
    after: Item | None
    why: str | None = None
    doubtful: bool = False
    """It was removed, and nobody can tell whether somebody had added to it in the moment before."""

    @property
    def line(self) -> bytes:
        """What became of the item, as a line."""
        return written(self)


def written(value: StoredModel) -> bytes:
    """Write a value as a line of JSON; shorter than pydantic's own way would take, for millions."""
    return json.dumps(dict(value), separators=(",", ":")).encode() + b"\n"

"""From a line of a plan to one conditional write."""

from dataclasses import dataclass
from typing import Literal

from pitr_guardian.exports.record import Item, Value


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

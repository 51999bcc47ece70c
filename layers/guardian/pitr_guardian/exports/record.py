"""One line of an incremental export: what became of one item in the export's window."""

from dataclasses import dataclass
from typing import Any

Value = dict[str, Any]
"""An attribute's value in DynamoDB JSON, such as ``{"N": "1.5"}``. Binaries are base64 text, as in
exports and on the wire; adapters of boto3, which has bytes there, translate at their door."""

Item = dict[str, Value]
"""An item, or a key: its attributes by name, key attributes among them."""


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an item in a window.

    ``old`` is the item just before the window, ``new`` at its end; None where there was none.
    ``written_at`` is the last write in the window, in microseconds since the epoch.
    """

    key: Item
    old: Item | None
    new: Item | None
    written_at: int

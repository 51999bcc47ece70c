"""One line of an export: what became of one item in its window, or the item at its instant."""

import json
from dataclasses import dataclass
from typing import Any, cast

Value = dict[str, Any]
"""An attribute's value in DynamoDB JSON, such as ``{"N": "1.5"}``. Binaries are base64 text, as in
exports and on the wire; adapters of boto3, which has bytes there, translate at their door."""

Item = dict[str, Value]
"""An item, or a key: its attributes by name, key attributes among them."""


class BadLineError(ValueError):
    """A line isn't a record of an incremental export; the text says what is wrong, no content."""


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

    @property
    def line(self) -> bytes:
        """The change as a line, in the form of an export's."""
        images = {"OldImage": self.old, "NewImage": self.new}
        record = {
            "Metadata": {"WriteTimestampMicros": {"N": str(self.written_at)}},
            "Keys": self.key,
            **{name: image for name, image in images.items() if image is not None},
        }
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def change_of(line: bytes) -> Change:
    """Read a line of a data file (developer guide, "DynamoDB table export output format").

    Raises:
        BadLineError: it isn't one, or is of an export without old images.
    """
    try:
        record = json.loads(line)
        key = record["Keys"]
        old, new = record.get("OldImage"), record.get("NewImage")
        written_at = int(record["Metadata"]["WriteTimestampMicros"]["N"])
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise BadLineError("it isn't a record of an incremental export") from problem
    if not (isinstance(key, dict) and key and all(map(_is_image, (old, new)))):
        raise BadLineError("its keys or images aren't items")
    return Change(key, _whole(old, key), _whole(new, key), written_at)


def item_of(line: bytes) -> Item:
    """Read a line of a full export's data file: ``{"Item": {…}}`` (the same page).

    Raises:
        BadLineError: it isn't one.
    """
    try:
        item = json.loads(line)["Item"]
    except (ValueError, KeyError, TypeError) as problem:
        raise BadLineError("it isn't a record of a full export") from problem
    if not (isinstance(item, dict) and item):
        raise BadLineError("its item isn't one")
    return cast("Item", item)


def _is_image(value: object) -> bool:
    return value is None or isinstance(value, dict)


def _whole(image: Item | None, key: Item) -> Item | None:
    """An item has its key, whether an export's image repeats it or not."""
    return None if image is None else {**image, **key}

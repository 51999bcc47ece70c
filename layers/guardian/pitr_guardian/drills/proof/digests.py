"""Items as digests: a drill compares them, and keeps none.

Two items have one digest exactly if DynamoDB calls them equal (``exports.values``): numbers by
value, sets without order, binaries by their bytes.
"""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

from pitr_guardian.exports.record import Item, Value
from pitr_guardian.exports.values import kind_of, number_text

Digest = str
"""SHA-256 of an item, in hexadecimal."""


def digest_of(item: Item | None) -> Digest | None:
    """Digest an item; None, no item, has no digest."""
    return None if item is None else hashlib.sha256(_text(_document(item))).hexdigest()


def salted(key: str, drill_id: str) -> Digest:
    """What evidence calls a key by: its hash with the drill's id, which no list of keys gives away.

    Args:
        key: as ``key_text`` writes it.
        drill_id: the drill's id.
    """
    return hashlib.sha256(_text([drill_id, key])).hexdigest()


def _document(item: Item) -> dict[str, Any]:
    return {name: _plain(value) for name, value in item.items()}


def _plain(value: Value) -> list[Any]:
    kind, content = kind_of(value)
    return [kind, _PLAIN[kind](content)]


def _set_of(make: Callable[[Any], str]) -> Callable[[Any], list[str]]:
    return lambda members: sorted(set(map(make, members)))


def _binary(text: str) -> str:
    return base64.b64encode(base64.b64decode(text, validate=True)).decode()


_PLAIN: dict[str, Callable[[Any], Any]] = {
    "S": str,
    "N": number_text,
    "B": _binary,
    "BOOL": bool,
    "NULL": bool,
    "SS": _set_of(str),
    "NS": _set_of(number_text),
    "BS": _set_of(_binary),
    "L": lambda members: list(map(_plain, members)),
    "M": _document,
}


def _text(document: Any) -> bytes:
    # Escaped to ASCII, since JSON can hold halves of characters, which UTF-8 can't.
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

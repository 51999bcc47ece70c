"""Attribute values of exports, with binaries in base64, and boto3's, with bytes."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from pitr_guardian.exports.record import Item


def on_the_wire(item: Item) -> dict[str, Any]:
    """Write an item, or a key, as boto3 takes it."""
    return {name: _with(base64.b64decode, value) for name, value in item.items()}


def read_off_the_wire(item: Mapping[str, Any]) -> Item:
    """Read an item, or a key, as boto3 gives it."""
    return {name: _with(_text, value) for name, value in item.items()}


def _text(content: Any) -> str:
    return base64.b64encode(bytes(content)).decode()


def _with(translate: Callable[[Any], Any], value: Mapping[str, Any]) -> dict[str, Any]:
    [(kind, content)] = value.items()
    match kind:
        case "B":
            content = translate(content)
        case "BS":
            content = [translate(each) for each in content]
        case "L":
            content = [_with(translate, each) for each in content]
        case "M":
            content = {name: _with(translate, each) for name, each in content.items()}
    return {kind: content}

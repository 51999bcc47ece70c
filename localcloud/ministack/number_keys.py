"""A repair of MiniStack's DynamoDB: keys that are numbers are the same if their values are."""

from __future__ import annotations

import importlib
from typing import Any


def compare_number_keys_by_value() -> None:
    """Find the item of the key 1 by 1.0, too.

    MiniStack keeps numbers as DynamoDB writes them, but looked keys up as they were asked for.
    """
    store: Any = importlib.import_module("ministack.services.dynamodb")
    extract, canonical = store._extract_key_val, store._ddb_canonicalize_number

    def key_value(attribute: Any) -> Any:
        if isinstance(attribute, dict) and isinstance(number := attribute.get("N"), str):
            return canonical(number) or number
        return extract(attribute)

    store._extract_key_val = key_value

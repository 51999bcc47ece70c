"""The condition key `dynamodb:LeadingKeys`: the partition keys that a call is about."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from localcloud.wire import Json

_EQUALS = re.compile(r"([#\w]+)\s*=\s*(:\w+)")


def leading_keys(parameters: Json) -> list[str]:
    """Partition keys of the items that a call reads or writes; none for a scan.

    Args:
        parameters: the call's, of any of DynamoDB's operations on items.
    """
    return sorted(set(_found(parameters)))


def _found(parameters: Json) -> Iterator[str]:
    if table := parameters.get("TableName"):
        yield from _of_items(table, [parameters.get("Key"), parameters.get("Item")])
        yield from _of_query(table, parameters)
    for table, asked in (parameters.get("RequestItems") or {}).items():
        if isinstance(asked, dict):
            yield from _of_items(table, asked.get("Keys", []))
        else:
            writes = [each for request in asked for each in request.values()]
            yield from _of_items(table, [write.get("Key", write.get("Item")) for write in writes])
    for parts in parameters.get("TransactItems") or []:
        for part in parts.values():
            yield from _of_items(part.get("TableName"), [part.get("Key"), part.get("Item")])


def _of_items(table: Any, items: Iterable[Json | None]) -> Iterator[str]:
    name = _partition_key(table)
    for item in items:
        if item and name in item:
            yield from (str(value) for value in item[name].values())


def _of_query(table: Any, parameters: Json) -> Iterator[str]:
    names, values = (parameters.get(f"ExpressionAttribute{of}") or {} for of in ("Names", "Values"))
    for name, value in _EQUALS.findall(parameters.get("KeyConditionExpression") or ""):
        if names.get(name, name) == _partition_key(table) and value in values:
            yield from (str(each) for each in values[value].values())


def _partition_key(table: Any) -> str | None:
    """The name of a table's partition key; None where there is no such table here."""
    tables: Any = importlib.import_module("ministack.services.dynamodb")._tables
    record = tables.get(str(table).rpartition("/")[2]) or {}
    keys = [key for key in record.get("KeySchema", []) if key["KeyType"] == "HASH"]
    return str(keys[0]["AttributeName"]) if keys else None

"""moto's table for the guardian's ledger, of which each call sees the partitions that it names.

moto copies a table for each transaction, and sorts it for each query: with all partitions there,
the growth of a ledger would be what is measured.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType

from benchmarks.front.http import Request

_OF_PARTITIONS = {"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "TransactWriteItems"}


class Ledger:
    """The table of that name."""

    def __init__(self, account: str, region: str, name: str) -> None:
        self._tables: Any = dynamodb_backends[account][region].tables
        self._name = name
        self._all = self._tables[name].items

    @contextlib.contextmanager
    def seen_by(self, request: Request) -> Iterator[None]:
        """Let the table have those partitions alone that the request names."""
        if request.operation not in _OF_PARTITIONS:
            yield
            return
        named = [DynamoType({"S": text}) for text in _texts_in(json.loads(request.body))]
        part = {key: self._all[key] for key in named if key in self._all}
        self._tables[self._name].items = defaultdict(dict, part)
        try:
            yield
        finally:  # a transaction that failed has put another table in its place
            table = self._tables[self._name]
            for key in part.keys() - table.items.keys():
                del self._all[key]
            self._all.update(table.items)
            table.items = self._all


def _texts_in(value: Any) -> Iterator[str]:
    """All strings that a request holds as DynamoDB's, keys among them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "S" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)

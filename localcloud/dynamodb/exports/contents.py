"""The lines of an export's data files, in the shapes of "DynamoDB table export output format".

That page of the DynamoDB developer guide (S3DataExport.Output) has an example of each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from localcloud.dynamodb.exports.filtering import (
    Filter,
    keys_of,
)
from localcloud.dynamodb.journal import Written
from localcloud.dynamodb.tables import Table
from localcloud.ministack.internals import Items
from localcloud.wire import Json

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Line:
    """One item's line, and in which of the table's partitions it is."""

    text: str
    place: int
    """A hash of the partition key."""
    size: int
    """Of its images in bytes, about."""


def full(table: Table, items: Items, filter_: Filter) -> Iterator[Line]:
    """`{"Item": {...}}` for each item."""
    schema = table.record["KeySchema"]
    for by_sort_key in items.values():
        for item in by_sort_key.values():
            keys = keys_of(item, schema)
            if filter_.passes(keys, item):
                yield _line({"Item": filter_.of(item)}, keys, schema)


def incremental(
    table: Table, writes: Iterable[Written], filter_: Filter, *, with_old: bool
) -> Iterator[Line]:
    """`{"Metadata", "Keys", "NewImage"?, "OldImage"?}` for each item that was written.

    An item that neither was there before the window nor is at its end isn't named.
    """
    schema = table.record["KeySchema"]
    for write in writes:
        latest = write.new or write.old
        if latest is None:
            continue
        keys = keys_of(latest, schema)
        if not filter_.passes(keys, latest):
            continue
        micros = (write.at - _EPOCH) // timedelta(microseconds=1)
        record = {"Metadata": {"WriteTimestampMicros": {"N": str(micros)}}, "Keys": keys}
        if write.new is not None:
            record["NewImage"] = filter_.of(write.new)
        if write.old is not None and with_old:
            record["OldImage"] = filter_.of(write.old)
        yield _line(record, keys, schema)


def partition_key(schema: list[dict[str, str]]) -> str:
    """The attribute of the partition key."""
    return next(each["AttributeName"] for each in schema if each["KeyType"] == "HASH")


def _line(record: Json, keys: Json, schema: list[dict[str, str]]) -> Line:
    hashed = hashlib.sha256(json.dumps(keys[partition_key(schema)]).encode()).digest()
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return Line(text, int.from_bytes(hashed[:8]), len(text.encode()))

"""Vector indexes, which MiniStack hasn't got, as far as making and restoring tables goes.

Shapes are those of `VectorIndex` and `VectorIndexDescription` in DynamoDB's service model.
"""

from __future__ import annotations

from datetime import datetime

from localcloud.dynamodb.tables import Table
from localcloud.wire import (
    AwsError,
    Json,
)

FIELD = "VectorIndexes"
_OVERRIDE = "VectorIndexOverride"
_REQUIRED = ("IndexName", "VectorAttribute", "Projection", "Dimensions", "DistanceFunction")
_DEFINING = (*_REQUIRED, "SearchSchema")


def checked(indexes: list[Json] | None) -> list[Json]:
    """The indexes of a CreateTable call. Raises: AwsError, where one lacks what it must have."""
    for index in indexes or []:
        for name in _REQUIRED:
            if not index.get(name):
                raise _invalid(f"{FIELD}: {name} is required")
    return [_definition(index) for index in indexes or []]


def chosen(source: Json, overrides: Json) -> list[Json]:
    """The indexes that a restore keeps: all where none are named, else those of the source.

    Raises:
        AwsError: ValidationException, where an override doesn't fit the source.
    """
    there: list[Json] = [_definition(index) for index in source.get(FIELD) or []]
    wanted: list[Json] | None = overrides.get(_OVERRIDE)
    if wanted is None:
        return there
    for index in wanted:
        if "WarmThroughput" in index:
            raise _invalid(f"{_OVERRIDE}: WarmThroughput is not supported in a restore")
        if index not in there:
            name = index.get("IndexName")
            raise _invalid(f"{_OVERRIDE}: index {name} is not defined so at the source")
    return wanted


def described(table: Table, now: datetime) -> list[Json]:
    return [
        index
        | {
            "IndexStatus": table.index_status(index["IndexName"], now),
            "IndexArn": f"{table.arn}/index/{index['IndexName']}",
        }
        for index in table.vector_indexes
    ]


def _definition(index: Json) -> Json:
    return {name: index[name] for name in _DEFINING if name in index}


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)

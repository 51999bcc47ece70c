"""A table's stream, which is on or isn't there."""

from __future__ import annotations

from localcloud.wire import (
    AwsError,
    Json,
)


def specification(record: Json) -> Json | None:
    """The StreamSpecification of a table whose stream is on. MiniStack keeps one that is off, which
    AWS doesn't describe."""
    found: Json = record.get("StreamSpecification") or {}
    return found if found.get("StreamEnabled") else None


def refuse_unchanged(record: Json, parameters: Json) -> None:
    """Raises: AwsError, ValidationException, where UpdateTable asks for what is so already."""
    if "StreamSpecification" not in parameters:
        return
    wanted = bool(parameters["StreamSpecification"].get("StreamEnabled"))
    if wanted == bool(specification(record)):
        raise AwsError(
            "ValidationException",
            f"Table already has {'an enabled' if wanted else 'a disabled'} stream: "
            f"TableName: {record['TableName']}",
        )

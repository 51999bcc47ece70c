"""The shape of a RestoreTableToPointInTime request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from localcloud.dynamodb.table_names import table_name
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

_TABLE_NAME = re.compile(r"[A-Za-z0-9_.\-]{3,255}")
_ARN_PARTS = 6


@dataclass(frozen=True)
class RestoreRequest:
    """A request whose shape is right; whether the source can be restored is another question."""

    source: str
    """Name or ARN, as given."""
    source_region: str
    target: str
    at: datetime | None
    """None: the latest restorable time."""

    @classmethod
    def parse(cls, call: Call) -> Self:
        """Raises: AwsError, a ValidationException that names what is wrong."""
        parameters = call.parameters
        name, arn = parameters.get("SourceTableName"), parameters.get("SourceTableArn")
        if bool(name) == bool(arn):
            raise _invalid("Give either SourceTableName or SourceTableArn, and not both")
        at, latest = parameters.get("RestoreDateTime"), parameters.get("UseLatestRestorableTime")
        if (at is not None) == bool(latest):
            raise _invalid("Give either RestoreDateTime or UseLatestRestorableTime, and not both")
        source_region = call.region
        if arn:
            parts = str(arn).split(":", _ARN_PARTS - 1)
            if len(parts) != _ARN_PARTS or parts[2] != "dynamodb" or not table_name(arn):
                raise _invalid(f"Invalid table ARN: {arn}")
            if parts[4] != call.account:
                raise _invalid("A table cannot be restored to another account")
            source_region = parts[3]
        if source_region != call.region and not parameters.get("SSESpecificationOverride"):
            raise _invalid("A restore to another region needs an SSESpecificationOverride")
        _check_overrides(parameters)
        target = target_name(parameters)
        return cls(str(arn or name), source_region, target, None if latest else _instant(at))


def target_name(parameters: Json) -> str:
    """The name of the table to be, if it may be a table's name."""
    target = parameters.get("TargetTableName")
    if not isinstance(target, str) or not _TABLE_NAME.fullmatch(target):
        raise _invalid(
            f"1 validation error detected: Value '{target}' at 'targetTableName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]{3,255}"
        )
    return target


def _check_overrides(parameters: Json) -> None:
    if parameters.get("OnDemandThroughputOverride") == {}:
        raise _invalid("OnDemandThroughputOverride must not be empty")
    if parameters.get("BillingModeOverride") not in {None, "PROVISIONED", "PAY_PER_REQUEST"}:
        raise _invalid("BillingModeOverride must be PROVISIONED or PAY_PER_REQUEST")


def _instant(value: object) -> datetime:
    """Epoch seconds, as SDKs send them, or ISO 8601, as state machines do."""
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value).astimezone(UTC)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError):
        pass
    raise _invalid(f"RestoreDateTime is no timestamp: {value}")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)

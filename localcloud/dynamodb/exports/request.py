"""The shape of an ExportTableToPointInTime request.

Names, patterns and enumerations are the service model's (botocore 1.43, 2012-08-10). The texts of
the errors, and which of them is which exception, are those that ack-api-quirks' probes got from AWS
on 2026-10-09 (findings DDB-EXPORT-001 to -008).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

from localcloud.dynamodb.exports.filtering import Filter
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

FULL, INCREMENTAL = "FULL_EXPORT", "INCREMENTAL_EXPORT"
NEW_IMAGE, NEW_AND_OLD_IMAGES = "NEW_IMAGE", "NEW_AND_OLD_IMAGES"

_ENUMS = {
    "ExportFormat": ("ION", "DYNAMODB_JSON"),
    "ExportType": (INCREMENTAL, FULL),
    "S3SseAlgorithm": ("AES256", "KMS"),
}
_PATTERNS = {
    "ClientToken": r"[^\$]+",
    "S3Bucket": r"[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+",
    "S3BucketOwner": r"[0-9]{12}",
}
_LONGEST = {"TableArn": 1024, "S3Bucket": 255, "S3Prefix": 1024, "S3SseKmsKeyId": 2048}
_TABLE_ARN = re.compile(r"arn:[\w\-]+:dynamodb:[\w\-]+:(?P<account>\d{12}):table/[\w.\-]+")


@dataclass(frozen=True)
class ExportRequest:
    """A request whose shape is right; whether the table can be exported is another question."""

    table_arn: str
    bucket: str
    prefix: str
    token: str | None
    kind: str
    """FULL or INCREMENTAL."""
    view: str
    """NEW_IMAGE or NEW_AND_OLD_IMAGES; of a full export, without meaning."""
    since: datetime | None
    """Where an incremental export's window begins; None: a full export."""
    until: datetime | None
    """Where that window ends, or the instant of a full export; None: as late as possible."""
    filter: Filter
    content: Json
    """All parameters but the client token: what must be the same if the token is."""

    @classmethod
    def parse(cls, call: Call) -> Self:
        """Raises: AwsError, a ValidationException that names what is wrong; or
        AccessDeniedException, where the table is another account's."""
        parameters = call.parameters
        _check_members(parameters)
        arn = _table_arn(parameters, call.account)
        kind = parameters.get("ExportType") or FULL
        since, until, view = _times(parameters, kind)
        if parameters.get("S3SseKmsKeyId") and parameters.get("S3SseAlgorithm") != "KMS":
            raise invalid("KMS Key Id is not supported for this encryption type")
        if parameters.get("ExportFormat") == "ION":
            raise invalid("the embedded AWS writes no Ion")
        return cls(
            arn,
            parameters["S3Bucket"],
            str(parameters.get("S3Prefix") or ""),
            parameters.get("ClientToken"),
            kind,
            view,
            since,
            until,
            Filter.parse(parameters.get("FilterSpecification")),
            {name: value for name, value in parameters.items() if name != "ClientToken"},
        )


def invalid(message: str) -> AwsError:
    return AwsError("ValidationException", f"Invalid Request: {message}")


def _check_members(parameters: Json) -> None:
    for name in ("TableArn", "S3Bucket"):
        if not parameters.get(name):
            raise _unlike(name, parameters.get(name), "have length greater than or equal to 1")
    for name, longest in _LONGEST.items():
        if len(str(parameters.get(name) or "")) > longest:
            raise _unlike(name, parameters[name], f"have length less than or equal to {longest}")
    for name, pattern in _PATTERNS.items():
        value = parameters.get(name)
        if value is not None and not re.fullmatch(pattern, str(value)):
            raise _unlike(name, value, f"satisfy regular expression pattern: {pattern}")
    for name, values in _ENUMS.items():
        _check_enum(name, parameters.get(name), values)


def _check_enum(name: str, value: Any, values: tuple[str, ...]) -> None:
    if value is not None and value not in values:
        raise _unlike(name, value, f"satisfy enum value set: [{', '.join(values)}]")


def _unlike(name: str, value: Any, constraint: str) -> AwsError:
    path = ".".join(part[:1].lower() + part[1:] for part in name.split("."))
    shown = "null" if value is None else f"'{value}'"
    return AwsError(
        "ValidationException",
        f"1 validation error detected: Value {shown} at '{path}' failed to satisfy constraint: "
        f"Member must {constraint}",
    )


def _table_arn(parameters: Json, account: str) -> str:
    arn = str(parameters["TableArn"])
    if not arn.startswith("arn:"):
        raise AwsError(
            "ValidationException",
            "One or more parameter values were invalid: tableArn is not a valid ARN",
        )
    named = _TABLE_ARN.fullmatch(arn)
    if named is None:
        raise invalid("Table ARN is invalid.")
    if named["account"] != account:
        raise AwsError("AccessDeniedException", "Access is denied")
    return arn


def _times(parameters: Json, kind: str) -> tuple[datetime | None, datetime | None, str]:
    """From, to and view of an incremental export; None, the instant, and a view of a full one."""
    specification = parameters.get("IncrementalExportSpecification")
    if kind == FULL:
        if specification is not None and "ExportType" in parameters:
            raise invalid(
                "When Export Type is Full Export , Incremental Export Specification should not be "
                "provided"
            )
        if specification is not None:
            raise invalid(
                "Export Type expected to be Incremental Export when incremental export "
                "specification is provided"
            )
        return None, _instant(parameters, "ExportTime"), NEW_IMAGE
    if specification is None:
        raise invalid(
            "Incremental Export Specification expected when export type is set as Incremental "
            "Export"
        )
    if "ExportTime" in parameters:
        # Not isolated on AWS; only a window names an incremental export's times.
        raise invalid("Export Time should not be provided for an Incremental Export")
    view = specification.get("ExportViewType")
    path = "IncrementalExportSpecification.ExportViewType"
    _check_enum(path, view, (NEW_IMAGE, NEW_AND_OLD_IMAGES))
    since = _instant(specification, "ExportFromTime")
    if since is None:
        raise invalid("ExportFromTime must be provided in IncrementalExportSpecification")
    return since, _instant(specification, "ExportToTime"), view or NEW_AND_OLD_IMAGES


def _instant(parameters: Json, name: str) -> datetime | None:
    """A time of the request: "counted in seconds from the start of the Unix epoch" (the model)."""
    value = parameters.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise AwsError("SerializationException", f"{name} is no timestamp: {value}")
    if value != int(value):
        raise invalid(f"{name} must be in whole seconds: {value}")
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise AwsError("SerializationException", f"{name} is no timestamp: {value}") from error

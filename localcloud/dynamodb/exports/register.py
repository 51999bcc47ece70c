"""The exports that were started, and who may know of which."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from localcloud.dynamodb.exports.export import (
    IN_PROGRESS,
    Export,
)
from localcloud.dynamodb.exports.request import (
    ExportRequest,
    invalid,
)
from localcloud.dynamodb.tables import Tables
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

_TOKEN_HOURS = timedelta(hours=8)  # after the export has ended (service model)
_PAGE = 25
_EXPORT_ARN = re.compile(
    r"arn:[\w\-]+:dynamodb:(?P<region>[\w\-]+):(?P<account>\d{12}):table/[\w.\-]+/export/[\w\-]+"
)


class Register:
    """All exports of all accounts and regions, oldest first; they outlive their tables."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._exports: list[Export] = []

    def add(self, export: Export) -> None:
        self._exports.append(export)

    def over(self, now: datetime) -> list[Export]:
        """The exports whose time has come, but which have not ended yet."""
        return [
            export
            for export in self._exports
            if export.status == IN_PROGRESS and export.ends_at <= now
        ]

    def running(self, call: Call, kind: str) -> int:
        """How many full, or incremental, exports run in the caller's account and region."""
        return sum(
            export.status == IN_PROGRESS and export.request.kind == kind
            for export in self._of(call)
        )

    def of_token(self, call: Call, request: ExportRequest, now: datetime) -> Export | None:
        """The export that this very request has started.

        Raises:
            AwsError: ExportConflictException, where its token has started another one.
        """
        for export in self._of(call):
            known = export.request
            if request.token is None or known.token != request.token:
                continue
            if export.status != IN_PROGRESS and now >= export.ends_at + _TOKEN_HOURS:
                continue
            if known.content != request.content:
                raise AwsError(
                    "ExportConflictException",
                    "Export conflict: Duplicate request detected with conflicting parameters",
                )
            return export
        return None

    def describe(self, call: Call) -> Answer:
        """Raises: AwsError, in the cases and words of finding DDB-EXPORT-006."""
        arn = str(call.parameters.get("ExportArn", ""))
        named = _EXPORT_ARN.fullmatch(arn)
        if named is None:
            raise AwsError("ValidationException", "Invalid Export ARN")
        if named["account"] != call.account:
            raise AwsError("AccessDeniedException", "Access is denied")
        if named["region"] != call.region:
            raise AwsError("ExportNotFoundException", "Export not found: Invalid export arn")
        found = next((export for export in self._of(call) if export.arn == arn), None)
        if found is None:
            raise AwsError("ExportNotFoundException", f"Export not found: Export not found: {arn}")
        return Answer(200, {"ExportDescription": found.description})

    def list_exports(self, call: Call) -> Answer:
        """Newest first. A table that is gone has none, as the next of its name (DDB-EXPORT-020)."""
        parameters = call.parameters
        limit = parameters.get("MaxResults", _PAGE)
        if not 1 <= limit <= _PAGE:
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{limit}' at 'maxResults' failed to satisfy "
                f"constraint: Member must have value less than or equal to {_PAGE}",
            )
        exports = self._of(call)
        if arn := parameters.get("TableArn"):
            table = self._tables.find(str(arn))
            lives = table.table_id if table and not table.deleted_at else None
            exports = [each for each in exports if each.description["TableId"] == lives]
        found = [export.summary() for export in reversed(exports)]
        token = str(parameters.get("NextToken") or "0")
        if not token.isdecimal():
            raise invalid(f"Provided nextToken is invalid: {token}")
        start = int(token)
        body: Json = {"ExportSummaries": found[start : start + limit]}
        if start + limit < len(found):
            body["NextToken"] = str(start + limit)
        return Answer(200, body)

    def _of(self, call: Call) -> list[Export]:
        scope = (call.account, call.region)
        return [each for each in self._exports if (each.account, each.region) == scope]

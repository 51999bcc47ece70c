"""ExportTableToPointInTime, DescribeExport and ListExports."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.exports import (
    access,
    contents,
)
from localcloud.dynamodb.exports.contents import Line
from localcloud.dynamodb.exports.export import (
    IN_PROGRESS,
    Export,
)
from localcloud.dynamodb.exports.files import Place
from localcloud.dynamodb.exports.request import (
    FULL,
    INCREMENTAL,
    NEW_AND_OLD_IMAGES,
    ExportRequest,
    invalid,
)
from localcloud.dynamodb.exports.window import Window
from localcloud.dynamodb.journal import Journal
from localcloud.dynamodb.tables import (
    ACTIVE,
    UPDATING,
    Table,
    Tables,
)
from localcloud.faults.exports import ExportFaults
from localcloud.ministack.buckets import Buckets
from localcloud.ministack.internals import Engine
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

_TOKEN_HOURS = timedelta(hours=8)  # after the export has ended (service model)
_PAGE = 25
_ECHOED = (
    *("FilterSpecification", "S3Bucket", "S3BucketOwner", "S3Prefix", "S3SseAlgorithm"),
    "S3SseKmsKeyId",
)
_EXPORT_ARN = re.compile(
    r"arn:[\w\-]+:dynamodb:(?P<region>[\w\-]+):(?P<account>\d{12}):table/[\w.\-]+/export/[\w\-]+"
)


class Exports:
    """What an export holds is settled when it starts, since its window is past by then; its files
    are there, and its status is another one, so much later."""

    def __init__(
        self,
        engine: Engine,
        tables: Tables,
        journal: Journal,
        faults: ExportFaults,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._engine = engine
        self._tables = tables
        self._journal = journal
        self._faults = faults
        self._clock = clock
        self._settings = settings
        self._buckets = Buckets(engine.in_scope)
        self._exports: list[Export] = []

    def settle(self) -> None:
        """End the exports whose time has come."""
        now = self._clock.now()
        for export in self._exports:
            if export.status == IN_PROGRESS and export.ends_at <= now:
                export.end(self._buckets, self._settings.export_partitions)

    def start(self, call: Call) -> Answer:
        """Checks, in order: shape, table, token, PITR and times, filter, number of exports.

        That the table comes before the token is finding DDB-EXPORT-023.

        Raises:
            AwsError: the first check that fails.
        """
        request = ExportRequest.parse(call)
        now = self._clock.now()
        table = self._table(request, now)
        if known := self._of_token(call, request, now):
            return Answer(200, {"ExportDescription": known.description})
        window = Window.of(table, request, now, self._settings)
        request.filter.check(contents.partition_key(table.record["KeySchema"]))
        self._refuse_too_many(call, request.kind)
        export = self._started(call, request, table, window, now)
        self._exports.append(export)
        return Answer(200, {"ExportDescription": dict(export.description)})

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

    def _table(self, request: ExportRequest, now: datetime) -> Table:
        table = self._tables.find(request.table_arn)
        if table is None or table.status(now) not in {ACTIVE, UPDATING}:
            raise AwsError("TableNotFoundException", f"Table not found: {request.table_arn}")
        return table

    def _of_token(self, call: Call, request: ExportRequest, now: datetime) -> Export | None:
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

    def _refuse_too_many(self, call: Call, kind: str) -> None:
        limit = self._settings.max_concurrent_exports
        running = [
            each
            for each in self._of(call)
            if each.status == IN_PROGRESS and each.request.kind == kind
        ]
        if len(running) >= limit:
            raise AwsError(
                "LimitExceededException",
                f"Subscriber limit exceeded: there is a limit of {limit} concurrent exports",
            )

    def _started(
        self, call: Call, request: ExportRequest, table: Table, window: Window, now: datetime
    ) -> Export:
        export_id = f"{int(now.timestamp() * 1000):014d}-{secrets.token_hex(4)}"
        arn = f"{table.arn}/export/{export_id}"
        place = Place(request.prefix, export_id, shares_data=request.kind == INCREMENTAL)
        lines = list(self._lines(request, table, window))
        return Export(
            request,
            call.account,
            call.region,
            {
                "ExportArn": arn,
                "ExportStatus": IN_PROGRESS,
                "StartTime": round(now.timestamp(), 3),
                "TableArn": table.arn,
                "TableId": table.table_id,
                "ClientToken": request.token or str(uuid.uuid4()),
                "ExportFormat": "DYNAMODB_JSON",
                "S3SseAlgorithm": "AES256",
                "DestinationType": "S3",  # of which the service model doesn't know (DDB-EXPORT-008)
                **{name: request.content[name] for name in _ECHOED if name in request.content},
                **window.described(request),
            },
            place,
            lines,
            now + timedelta(seconds=self._settings.export_seconds),
            access.refusal(self._engine, call, request, place),
            self._faults.strike(table.name, arn),
        )

    def _lines(self, request: ExportRequest, table: Table, window: Window) -> Iterable[Line]:
        if request.kind == FULL:
            items = self._journal.items_at(table.table_id, window.until, table.record["items"])
            return contents.full(table, items, request.filter)
        return contents.incremental(
            table,
            self._journal.written(table.table_id, window.since, window.until),
            request.filter,
            with_old=request.view == NEW_AND_OLD_IMAGES,
        )

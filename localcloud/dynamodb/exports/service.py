"""ExportTableToPointInTime, DescribeExport and ListExports."""

from __future__ import annotations

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
from localcloud.dynamodb.exports.register import Register
from localcloud.dynamodb.exports.request import (
    FULL,
    INCREMENTAL,
    NEW_AND_OLD_IMAGES,
    ExportRequest,
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
)

_ECHOED = (
    *("FilterSpecification", "S3Bucket", "S3BucketOwner", "S3Prefix", "S3SseAlgorithm"),
    "S3SseKmsKeyId",
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
        self._register = register = Register(tables)
        self.describe = register.describe
        self.list_exports = register.list_exports

    def settle(self) -> None:
        """End the exports whose time has come."""
        for export in self._register.over(self._clock.now()):
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
        if known := self._register.of_token(call, request, now):
            return Answer(200, {"ExportDescription": known.description})
        window = Window.of(table, request, now, self._settings)
        request.filter.check(contents.partition_key(table.record["KeySchema"]))
        self._refuse_too_many(call, request.kind)
        export = self._started(call, request, table, window, now)
        self._register.add(export)
        return Answer(200, {"ExportDescription": dict(export.description)})

    def _table(self, request: ExportRequest, now: datetime) -> Table:
        table = self._tables.find(request.table_arn)
        if table is None or table.status(now) not in {ACTIVE, UPDATING}:
            raise AwsError("TableNotFoundException", f"Table not found: {request.table_arn}")
        return table

    def _refuse_too_many(self, call: Call, kind: str) -> None:
        limit = self._settings.max_concurrent_exports
        if self._register.running(call, kind) >= limit:
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

"""RestoreTableToPointInTime and RestoreTableFromBackup."""

from __future__ import annotations

from datetime import datetime, timedelta

from localcloud.clock import Clock
from localcloud.dynamodb import backup_sources
from localcloud.dynamodb.backups import Backups
from localcloud.dynamodb.journal import Journal
from localcloud.dynamodb.lifecycle import Lifecycle
from localcloud.dynamodb.restore_request import (
    RestoreRequest,
    target_name,
)
from localcloud.dynamodb.restored_table import create_table_call
from localcloud.dynamodb.settings import (
    encryption,
    vector_indexes,
)
from localcloud.dynamodb.tables import (
    ACTIVE,
    UPDATING,
    Table,
    Tables,
)
from localcloud.ministack import rights
from localcloud.ministack.internals import (
    Engine,
    Items,
)
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

# What a caller needs on the target, beside the restore's own right on the source.
_RIGHTS_ON_TARGET = (
    *("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem"),
    *("dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"),
)


class Restores:
    """Makes tables as other tables were; they are CREATING for a while."""

    def __init__(
        self,
        engine: Engine,
        tables: Tables,
        lifecycle: Lifecycle,
        backups: Backups,
        journal: Journal,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._engine = engine
        self._tables = tables
        self._lifecycle = lifecycle
        self._backups = backups
        self._journal = journal
        self._clock = clock
        self._settings = settings

    def to_point_in_time(self, call: Call) -> Answer:
        """Checks, in order: shape, source, PITR, time, overrides, key, target, number of restores.

        Raises:
            AwsError: the first check that fails.
        """
        request = RestoreRequest.parse(call)
        self._require_rights_on_target(call, request.target)
        with self._engine.in_scope(call.account, request.source_region):
            source = self._source(request)
            at = self._instant(request, source)
            description = self._described(source)
            items = self._journal.items_at(source.table_id, at, source.record["items"])
        summary = {"SourceTableArn": source.arn, "RestoreDateTime": at.timestamp()}
        return self._materialise(call, description, items, summary)

    def from_backup(self, call: Call) -> Answer:
        """Raises: AwsError, as `to_point_in_time`; BackupNotFoundException where there is none."""
        arn = str(call.parameters.get("BackupArn", ""))
        target = target_name(call.parameters)
        self._require_rights_on_target(call, target)
        backup = self._backups.restorable(arn)
        description = backup_sources.source_description(backup)
        summary = {
            "SourceBackupArn": arn,
            "SourceTableArn": description["TableArn"],
            "RestoreDateTime": backup_sources.created_at(backup).timestamp(),
        }
        return self._materialise(call, description, self._backups.items(arn), summary)

    def _source(self, request: RestoreRequest) -> Table:
        source = self._tables.find(request.source)
        if source is None or source.status(self._clock.now()) not in {ACTIVE, UPDATING}:
            raise AwsError("TableNotFoundException", f"Table not found: {request.source}")
        return source

    def _instant(self, request: RestoreRequest, source: Table) -> datetime:
        if source.recovery is None:
            raise AwsError(
                "PointInTimeRecoveryUnavailableException",
                f"Point in time recovery is not enabled for table '{source.name}'",
            )
        now = self._clock.now()
        earliest = source.recovery.earliest(now)
        latest = source.recovery.latest(now, timedelta(seconds=self._settings.latest_lag_seconds))
        at = request.at or latest
        if not earliest <= at <= latest:
            raise AwsError(
                "InvalidRestoreTimeException",
                f"RestoreDateTime must be between EarliestRestorableDateTime ({earliest}) and "
                f"LatestRestorableDateTime ({latest})",
            )
        return at

    def _described(self, source: Table) -> Json:
        described: Json = self._engine.dynamodb("DescribeTable", {"TableName": source.name}).body
        table: Json = described["Table"]
        return table | {vector_indexes.FIELD: source.vector_indexes}

    def _materialise(self, call: Call, source: Json, items: Items, summary: Json) -> Answer:
        create = create_table_call(source, call.parameters)
        key = encryption.checked(self._engine, call, create.pop("SSESpecification", None))
        if key:
            create["SSESpecification"] = key
        self._refuse_taken(create["TableName"])
        if self._tables.restoring(call.account) >= self._settings.max_concurrent_restores:
            raise AwsError(
                "LimitExceededException",
                "Subscriber limit exceeded: there is a limit of "
                f"{self._settings.max_concurrent_restores} concurrent restores per account",
            )
        vectors = create.pop(vector_indexes.FIELD, [])
        created = self._engine.dynamodb("CreateTable", create)
        if created.error_code:
            return created
        table = self._tables.born(
            create["TableName"],
            self._settings.restore_seconds,
            {**summary, "RestoreInProgress": True},
        )
        table.vector_indexes = vectors
        self._engine.load_items(table.record, items)
        description = self._described(table)
        self._lifecycle.overlay(description)
        return Answer(200, {"TableDescription": description})

    def _refuse_taken(self, target: str) -> None:
        taken = self._tables.find(target)
        if taken is None:
            return
        if taken.status(self._clock.now()) in {ACTIVE, UPDATING}:
            raise AwsError("TableAlreadyExistsException", f"Table already exists: {target}")
        raise AwsError("TableInUseException", f"Table is being created or deleted: {target}")

    def _require_rights_on_target(self, call: Call, target: str) -> None:
        arn = f"arn:aws:dynamodb:{call.region}:{call.account}:table/{target}"
        rights.require(self._engine, call, _RIGHTS_ON_TARGET, arn)

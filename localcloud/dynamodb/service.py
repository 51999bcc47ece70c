"""DynamoDB as the layer answers it: its own operations, and a gate before all others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from localcloud.clock import Clock
from localcloud.cloudtrail.identity import caller_arn
from localcloud.dynamodb import expression_limits
from localcloud.dynamodb.backups import Backups
from localcloud.dynamodb.batch_reads import BatchReads
from localcloud.dynamodb.continuous_backups import ContinuousBackups
from localcloud.dynamodb.exports.service import Exports
from localcloud.dynamodb.journal import ItemWrite, Journal
from localcloud.dynamodb.lifecycle import Lifecycle
from localcloud.dynamodb.restore import Restores
from localcloud.dynamodb.settings import resource_policies
from localcloud.dynamodb.settings.contributor_insights import ContributorInsights
from localcloud.dynamodb.settings.streaming_destinations import StreamingDestinations
from localcloud.dynamodb.settings.tags import Tags
from localcloud.dynamodb.settings.time_to_live import TimeToLive
from localcloud.dynamodb.table_names import tables_named
from localcloud.dynamodb.tables import (
    ACTIVE,
    CREATING,
    DELETING,
    Table,
    Tables,
)
from localcloud.faults.exports import ExportFaults
from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    HttpAnswer,
    Json,
)

_ITEM_OPERATIONS = frozenset(
    {"BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement"}
    | {"ExecuteTransaction", "GetItem", "PutItem", "Query", "Scan", "TransactGetItems"}
    | {"TransactWriteItems", "UpdateItem"}
)
# These say of a table that is CREATING, or being restored, that it doesn't exist.
_NOT_BEFORE_ACTIVE = frozenset(
    {"ListTagsOfResource", "TagResource", "UntagResource", "PutResourcePolicy"}
    | {"DeleteResourcePolicy", "UpdateContributorInsights", "EnableKinesisStreamingDestination"}
    | {"DisableKinesisStreamingDestination", "UpdateKinesisStreamingDestination"}
)


class DynamoDb:
    """Answers one call at a time."""

    def __init__(
        self, engine: Engine, clock: Clock, settings: Settings, export_faults: ExportFaults
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = threading.RLock()
        self._journal = journal = Journal(clock)
        engine.observe_writes(journal)
        engine.on_stack_tables(self._of_a_stack)
        self._backups = backups = Backups(engine, clock, settings)
        self._tables = tables = Tables(engine, clock, settings, self._vanished)
        self._continuous = continuous = ContinuousBackups(tables, backups, clock, settings)
        lifecycle = Lifecycle(engine, tables, backups, clock, settings)
        restores = Restores(engine, tables, lifecycle, backups, journal, clock, settings)
        self._exports = exports = Exports(engine, tables, journal, export_faults, clock, settings)
        engine.wrap_handler("s3", self._after_exports)
        self._operations: Mapping[str, Callable[[Call], Answer]] = {
            **self._settings_of_tables(settings),
            "BatchGetItem": BatchReads(engine).get,
            "CreateBackup": self._create_backup,
            "CreateTable": lifecycle.create,
            "DeleteBackup": backups.delete,
            "DeleteTable": lifecycle.delete,
            "DescribeBackup": backups.describe,
            "DescribeContinuousBackups": continuous.describe,
            "DescribeExport": exports.describe,
            "DescribeTable": lifecycle.describe,
            "ExportTableToPointInTime": exports.start,
            "ImportTable": lifecycle.import_table,
            "ListBackups": backups.list_backups,
            "ListExports": exports.list_exports,
            "ListTables": lifecycle.list_tables,
            "RestoreTableFromBackup": restores.from_backup,
            "RestoreTableToPointInTime": restores.to_point_in_time,
            "UpdateContinuousBackups": continuous.update,
            "UpdateTable": lifecycle.update,
        }

    def _settings_of_tables(self, settings: Settings) -> Mapping[str, Callable[[Call], Answer]]:
        engine, clock = self._engine, self._clock
        destinations = StreamingDestinations(engine, clock, settings)
        insights = ContributorInsights(engine, clock, settings)
        tags = Tags(engine)
        return {
            "DescribeContributorInsights": insights.describe,
            "DescribeKinesisStreamingDestination": destinations.describe,
            "DisableKinesisStreamingDestination": destinations.disable,
            "EnableKinesisStreamingDestination": destinations.enable,
            "ListContributorInsights": insights.list_insights,
            "ListTagsOfResource": tags.list_tags,
            "PutResourcePolicy": partial(resource_policies.put, engine),
            "TagResource": tags.tag,
            "UpdateContributorInsights": insights.update,
            "UpdateTimeToLive": TimeToLive(engine, self._tables, clock).update,
        }

    def answer(self, call: Call) -> Answer:
        """Carry out a call that was authenticated and authorised, in the engine's scope."""
        with self._lock, self._journal.one_call(caller_arn(self._engine, call)):
            try:
                self._exports.settle()
                self._refuse_before_active(call)
                if call.operation in _ITEM_OPERATIONS:
                    expression_limits.check(call.parameters)
                if own := self._operations.get(call.operation):
                    return own(call)
                return self._engine.dynamodb(call.operation, call.parameters)
            except AwsError as error:
                return Answer.refused(error)

    def _after_exports(self, handler: Handler) -> Handler:
        """Let whoever looks into S3 find the files of the exports that are over."""

        async def handle(*request: Any) -> HttpAnswer:
            with self._lock:
                self._exports.settle()
            return await handler(*request)

        return handle

    def age(self, arn: str, by: timedelta) -> None:
        """Make a table that is ACTIVE older, and all that was written to it so far.

        Raises:
            LookupError: there is no such table, or it isn't ACTIVE.
        """
        with self._lock:
            table = self._tables.at(arn)
            if table is None or table.status(self._clock.now()) != ACTIVE:
                raise LookupError(f"there is no ACTIVE table {arn} that could be made older")
            table.older(by)
            self._journal.older(table.table_id, by)

    def weigh(self, arn: str, size: int) -> None:
        """Let DescribeTable say that a table has this size.

        Raises:
            LookupError: there is no such table.
        """
        with self._lock:
            table = self._tables.at(arn)
            if table is None:
                raise LookupError(f"there is no table {arn}")
            table.told_size = size

    def item_writes(self, arn: str) -> list[ItemWrite]:
        """Every write of a table's items, in their order.

        Raises:
            LookupError: there is no such table.
        """
        with self._lock:
            table = self._tables.at(arn)
            if table is None:
                raise LookupError(f"there is no table {arn}")
            return self._journal.writes(table.table_id)

    def _refuse_before_active(self, call: Call) -> None:
        if call.operation not in _ITEM_OPERATIONS | _NOT_BEFORE_ACTIVE:
            return
        now = self._clock.now()
        for name in tables_named(call.parameters):
            table = self._tables.find(name)
            if table is None or table.status(now) not in {CREATING, DELETING}:
                continue
            if call.operation in _ITEM_OPERATIONS:
                raise AwsError("ResourceNotFoundException", "Requested resource not found")
            raise AwsError(
                "ResourceNotFoundException",
                f"Requested resource not found: ResourcArn: {table.arn} not found",
            )

    def _create_backup(self, call: Call) -> Answer:
        name = str(call.parameters.get("TableName", ""))
        return self._backups.create(call, self._continuous.ready(name, self._clock.now()))

    def _of_a_stack(self, name: str, specification: Json) -> None:
        """Set PITR of a stack's table as its template says."""
        enabled = str(specification.get("PointInTimeRecoveryEnabled", False)).lower() == "true"
        with self._lock:
            if table := self._tables.find(name):
                days = specification.get("RecoveryPeriodInDays")
                switch: Json = {"PointInTimeRecoveryEnabled": enabled}
                if days:
                    switch["RecoveryPeriodInDays"] = int(days)
                self._continuous.switch(table, switch, self._clock.now())

    def _vanished(self, table: Table) -> None:
        """CloudFormation deleted a table; with PITR on, that leaves a backup, too."""
        if table.recovery:
            self._backups.leave_system_backup(table)

"""A table's statuses: born CREATING, now and then UPDATING, DELETING for a while, then gone."""

from __future__ import annotations

from datetime import timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.backups import Backups
from localcloud.dynamodb.settings import (
    encryption,
    streams,
    vector_indexes,
)
from localcloud.dynamodb.tables import (
    ACTIVE,
    CREATING,
    DELETING,
    INACCESSIBLE,
    UPDATING,
    Table,
    Tables,
)
from localcloud.ministack.internals import Engine
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

_DOING = {CREATING: "created", UPDATING: "updated", DELETING: "deleted"}


class Lifecycle:
    """The operations that create, describe, change and delete tables."""

    def __init__(
        self, engine: Engine, tables: Tables, backups: Backups, clock: Clock, settings: Settings
    ) -> None:
        self._engine = engine
        self._tables = tables
        self._backups = backups
        self._clock = clock
        self._settings = settings

    def create(self, call: Call) -> Answer:
        name = str(call.parameters.get("TableName", ""))
        if table := self._tables.find(name):
            self._refuse_unless_usable(table)
        parameters = dict(encryption.in_call(self._engine, call))
        vectors = vector_indexes.checked(parameters.pop(vector_indexes.FIELD, None))
        answer = self._engine.dynamodb(call.operation, parameters)
        if answer.error_code is None:
            born = self._tables.born(name, self._settings.creating_seconds)
            born.vector_indexes = vectors
            self.overlay(answer.body["TableDescription"])
        return answer

    def import_table(self, call: Call) -> Answer:
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None:
            name = call.parameters["TableCreationParameters"]["TableName"]
            self._tables.born(name, self._settings.creating_seconds)
        return answer

    def describe(self, call: Call) -> Answer:
        table = self._tables.find(str(call.parameters.get("TableName", "")))
        if table and table.deleted_at:
            return Answer(200, {"Table": table.last_description})
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None:
            self.overlay(answer.body["Table"])
        return answer

    def list_tables(self, call: Call) -> Answer:
        start = call.parameters.get("ExclusiveStartTableName", "")
        limit = int(call.parameters.get("Limit", 100))
        names = [name for name in self._tables.names() if name > start]
        body: Json = {"TableNames": names[:limit]}
        if len(names) > limit:
            body["LastEvaluatedTableName"] = names[limit - 1]
        return Answer(200, body)

    def update(self, call: Call) -> Answer:
        """UpdateTable. One change at a time: the table is UPDATING for a while."""
        table = self._tables.find(str(call.parameters.get("TableName", "")))
        now = self._clock.now()
        if table:
            if table.is_restoring(now):
                raise _not_found(table.name)
            self._refuse_unless_usable(table)
            streams.refuse_unchanged(table.record, call.parameters)
        leaving = self._leaving(call)
        answer = self._engine.dynamodb(call.operation, encryption.in_call(self._engine, call))
        if table is None or answer.error_code:
            return answer
        for replica, description in leaving:
            with self._engine.in_scope(replica.account, replica.region):
                self._deleted(replica, description)
        table.updating_until = now + timedelta(seconds=self._settings.updating_seconds)
        indexed_at = table.updating_until + timedelta(seconds=self._settings.index_seconds)
        for change in call.parameters.get("GlobalSecondaryIndexUpdates") or []:
            if created := change.get("Create"):
                table.new_indexes[created["IndexName"]] = indexed_at
        for change in call.parameters.get("ReplicaUpdates") or []:
            if created := change.get("Create"):
                with self._engine.in_scope(call.account, created["RegionName"]):
                    self._tables.born(table.name, self._settings.creating_seconds)
        self.overlay(answer.body["TableDescription"])
        return answer

    def delete(self, call: Call) -> Answer:
        table = self._tables.find(str(call.parameters.get("TableName", "")))
        if table:
            self._refuse_unless_usable(table)
            self._keep_ttl(table)
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if table is None or answer.error_code:
            return answer
        self._deleted(table, answer.body["TableDescription"])
        return answer

    def _leaving(self, call: Call) -> list[tuple[Table, Json]]:
        """The replicas that an UpdateTable removes, and what DescribeTable will say of them."""
        leaving = []
        for change in call.parameters.get("ReplicaUpdates") or []:
            if removed := change.get("Delete"):
                with self._engine.in_scope(call.account, removed["RegionName"]):
                    replica = self._tables.find(str(call.parameters.get("TableName", "")))
                    if replica and not replica.deleted_at:
                        self._keep_ttl(replica)
                        named = {"TableName": replica.name}
                        described = self._engine.dynamodb("DescribeTable", named).body["Table"]
                        leaving.append((replica, {**described, "TableStatus": DELETING}))
        return leaving

    def _keep_ttl(self, table: Table) -> None:
        ttl = self._engine.dynamodb("DescribeTimeToLive", {"TableName": table.name})
        table.last_ttl = ttl.body["TimeToLiveDescription"]

    def _deleted(self, table: Table, description: Json) -> None:
        self._engine.forget_settings(table.name, table.arn)
        description["CreationDateTime"] = round(table.created_at.timestamp(), 3)
        table.deleted_at, table.last_description = self._clock.now(), description
        if table.recovery:
            self._backups.leave_system_backup(table)

    def overlay(self, description: Json) -> None:
        """Put what follows from the clock into a TableDescription of MiniStack's."""
        table = self._tables.find(description["TableArn"])
        if table is None:
            return
        now = self._clock.now()
        description["TableStatus"] = table.status(now)
        description["CreationDateTime"] = round(table.created_at.timestamp(), 3)
        if table.told_size is not None:
            description["TableSizeBytes"] = table.told_size
        encryption.describe(self._engine, description)
        if table.status(now) == ACTIVE and encryption.is_out_of_reach(self._engine, description):
            description["TableStatus"] = INACCESSIBLE
        if not streams.specification(description):
            description.pop("StreamSpecification", None)
        for index in description.get("GlobalSecondaryIndexes", []):
            index["IndexStatus"] = table.index_status(index["IndexName"], now)
            if index["IndexStatus"] == CREATING:
                index["Backfilling"] = table.status(now) != CREATING
        if table.vector_indexes:
            description[vector_indexes.FIELD] = vector_indexes.described(table, now)
        if table.is_restoring(now):
            description["RestoreSummary"] = table.restore_summary
        for replica in description.get("Replicas", []):
            with self._engine.in_scope(table.account, replica["RegionName"]):
                other = self._tables.find(table.name)
            replica["ReplicaStatus"] = other.status(now) if other else DELETING

    def _refuse_unless_usable(self, table: Table) -> None:
        status = table.status(self._clock.now())
        if status != ACTIVE:
            raise AwsError(
                "ResourceInUseException",
                "Attempt to change a resource which is still in use: Table is being "
                f"{_DOING[status]}: {table.name}",
            )


def _not_found(name: str) -> AwsError:
    return AwsError(
        "ResourceNotFoundException", f"Requested resource not found: Table: {name} not found"
    )

"""On-demand backups, and the system backups that deleted tables leave."""

from __future__ import annotations

import copy
import uuid
from datetime import timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.backup_sources import source_of
from localcloud.dynamodb.tables import Table
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

_KEPT = timedelta(days=35)
SYSTEM, USER = "SYSTEM", "USER"


class Backups:
    """Kept in MiniStack's own store, which also describes and deletes the on-demand ones."""

    def __init__(self, engine: Engine, clock: Clock, settings: Settings) -> None:
        self._engine = engine
        self._clock = clock
        self._settings = settings

    def create(self, call: Call, table: Table) -> Answer:
        """CreateBackup, of the items of this moment, dated by the cloud's clock; CREATING at first.

        The caller has checked that it may.
        """
        ttl = self._engine.dynamodb("DescribeTimeToLive", {"TableName": table.name})
        answer = self._engine.dynamodb(call.operation, call.parameters)
        if answer.error_code is None:
            now = self._clock.now()
            details = answer.body["BackupDetails"]
            details["BackupCreationDateTime"] = round(now.timestamp(), 3)
            stored = self._engine.backups()[details["BackupArn"]]
            stored |= source_of(table, ttl.body["TimeToLiveDescription"])
            stored["BackupDetails"]["BackupCreationDateTime"] = details["BackupCreationDateTime"]
            stored["_available_at"] = now + timedelta(seconds=self._settings.backup_seconds)
            details["BackupStatus"] = self.visible(details["BackupArn"])["BackupDetails"][
                "BackupStatus"
            ]
        return answer

    def describe(self, call: Call) -> Answer:
        self.visible(str(call.parameters.get("BackupArn", "")))
        return self._engine.dynamodb(call.operation, call.parameters)

    def delete(self, call: Call) -> Answer:
        backup = self.visible(str(call.parameters.get("BackupArn", "")))
        if backup["BackupDetails"]["BackupType"] == SYSTEM:
            raise AwsError(
                "ValidationException", "A system backup cannot be deleted; it expires by itself"
            )
        _refuse_unless_available(backup)
        return self._engine.dynamodb(call.operation, call.parameters)

    def list_backups(self, call: Call) -> Answer:
        """ListBackups: only those of USER type, unless BackupType names another one or ALL.

        MiniStack's own ignores BackupType and the time range.
        """
        parameters = call.parameters
        kinds = {parameters.get("BackupType") or USER}
        if kinds == {"ALL"}:
            kinds = {USER, SYSTEM, "AWS_BACKUP"}
        name = parameters.get("TableName")
        since = parameters.get("TimeRangeLowerBound", 0)
        until = parameters.get("TimeRangeUpperBound", float("inf"))
        found = [
            _summary(backup)
            for backup in self._all_visible()
            if backup["BackupDetails"]["BackupType"] in kinds
            and name in {None, *_names(backup)}
            and since <= backup["BackupDetails"]["BackupCreationDateTime"] < until
        ]
        arns = [summary["BackupArn"] for summary in found]
        start = parameters.get("ExclusiveStartBackupArn")
        first = arns.index(start) + 1 if start in arns else 0
        last = first + int(parameters.get("Limit", 100))
        body: Json = {"BackupSummaries": found[first:last]}
        if last < len(found):
            body["LastEvaluatedBackupArn"] = arns[last - 1]
        return Answer(200, body)

    def visible(self, arn: str) -> Json:
        """The backup of that ARN, unless it has expired or cannot be seen yet."""
        for backup in self._all_visible():
            if backup["BackupDetails"]["BackupArn"] == arn:
                return backup
        raise AwsError("BackupNotFoundException", f"Backup not found: {arn}")

    def restorable(self, arn: str) -> Json:
        """The backup of that ARN, unless it is still being made."""
        backup = self.visible(arn)
        _refuse_unless_available(backup)
        return backup

    def items(self, arn: str) -> Items:
        found: Items = self._engine.backups()[arn]["_items_snapshot"]
        return found

    def leave_system_backup(self, table: Table) -> None:
        """Keep a deleted table as it was at its deletion: for 35 days, for free, undeletable."""
        deleted_at = table.deleted_at or self._clock.now()
        name = f"{table.name}$DeletedTableBackup"
        arn = f"{table.arn}/backup/{int(deleted_at.timestamp() * 1000):014d}-{uuid.uuid4().hex[:8]}"
        details = {
            "BackupArn": arn,
            "BackupName": name,
            "BackupCreationDateTime": round(deleted_at.timestamp(), 3),
            "BackupExpiryDateTime": round((deleted_at + _KEPT).timestamp(), 3),
            "BackupStatus": "AVAILABLE",
            "BackupType": SYSTEM,
            "BackupSizeBytes": table.record.get("TableSizeBytes", 0),
        }
        with self._engine.in_scope(table.account, table.region):
            for backup in self._engine.backups().values():
                if backup["SourceTableDetails"]["TableId"] == table.table_id and (
                    backup["BackupDetails"]["BackupName"] == name
                ):
                    return
            self._engine.backups()[arn] = {
                "BackupDetails": details,
                **source_of(table, table.last_ttl),
                "_attribute_definitions": table.record.get("AttributeDefinitions", []),
                "_items_snapshot": copy.deepcopy(dict(table.record["items"])),
                "_visible_from": deleted_at
                + timedelta(seconds=self._settings.deletion_backup_seconds),
            }

    def _all_visible(self) -> list[Json]:
        now = self._clock.now()
        for backup in self._engine.backups().values():
            is_made = backup.get("_available_at", now) <= now
            backup["BackupDetails"]["BackupStatus"] = "AVAILABLE" if is_made else "CREATING"
        return [
            backup
            for backup in self._engine.backups().values()
            if backup.get("_visible_from", now) <= now
            and now.timestamp() < backup["BackupDetails"].get("BackupExpiryDateTime", float("inf"))
        ]


def _refuse_unless_available(backup: Json) -> None:
    details = backup["BackupDetails"]
    if details["BackupStatus"] != "AVAILABLE":
        raise AwsError(
            "BackupInUseException",
            f"Backup is being created: {details['BackupArn']}; it cannot be used yet",
        )


def _names(backup: Json) -> tuple[str, str]:
    source = backup["SourceTableDetails"]
    return source["TableName"], source["TableArn"]


def _summary(backup: Json) -> Json:
    source, details = backup["SourceTableDetails"], dict(backup["BackupDetails"])
    return {name: source[name] for name in ("TableName", "TableId", "TableArn")} | details

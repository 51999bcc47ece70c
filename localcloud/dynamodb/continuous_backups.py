"""UpdateContinuousBackups and DescribeContinuousBackups."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from datetime import datetime, timedelta

from localcloud.clock import Clock
from localcloud.dynamodb.backups import Backups
from localcloud.dynamodb.recovery_window import (
    DEFAULT_PERIOD,
    RecoveryWindow,
)
from localcloud.dynamodb.tables import (
    CREATING,
    DELETING,
    Table,
    Tables,
)
from localcloud.settings import Settings
from localcloud.wire import (
    Answer,
    AwsError,
    Call,
    Json,
)

_SHORTEST, _LONGEST = 1, 35


class ContinuousBackups:
    """The PITR switch. `ContinuousBackupsStatus` is always ENABLED and says nothing."""

    def __init__(self, tables: Tables, backups: Backups, clock: Clock, settings: Settings) -> None:
        self._tables = tables
        self._backups = backups
        self._clock = clock
        self._settings = settings
        self._calls: dict[tuple[str, ...], deque[float]] = defaultdict(deque)

    def update(self, call: Call) -> Answer:
        self._throttle(call)
        name, specification = _table_parameter(call), _specification(call.parameters)
        now = self._clock.now()
        table = self.ready(name, now)
        self.switch(table, specification, now)
        if table.status(now) == DELETING and table.recovery:
            self._backups.leave_system_backup(table)
        return Answer(200, {"ContinuousBackupsDescription": self._description(table, now)})

    def describe(self, call: Call) -> Answer:
        self._throttle(call)
        now = self._clock.now()
        table = self._known(_table_parameter(call), now)
        return Answer(200, {"ContinuousBackupsDescription": self._description(table, now)})

    def ready(self, name: str, now: datetime) -> Table:
        """The table, or the error that its state calls for.

        Raises:
            AwsError: TableNotFoundException, also for a table too young, being restored, or
                longer in deletion; ContinuousBackupsUnavailableException until shortly after it
                is ACTIVE.
        """
        table = self._known(name, now)
        enabling = timedelta(seconds=self._settings.backups_enabling_seconds)
        if now < table.active_at + enabling and not table.deleted_at:
            raise AwsError(
                "ContinuousBackupsUnavailableException",
                f"Backups are being enabled for the table: {table.name}. Please retry later",
            )
        return table

    def _known(self, name: str, now: datetime) -> Table:
        table = self._tables.find(name)
        if table is None or self._is_hidden(table, now):
            raise AwsError("TableNotFoundException", f"Table not found: {name}")
        return table

    def _is_hidden(self, table: Table, now: datetime) -> bool:
        if table.deleted_at:
            accepted = timedelta(seconds=self._settings.deleting_accepts_pitr_seconds)
            return now >= table.deleted_at + accepted
        young = now < table.created_at + timedelta(seconds=self._settings.not_found_seconds)
        return table.is_restoring(now) or (young and table.status(now) == CREATING)

    def switch(self, table: Table, specification: Json, now: datetime) -> None:
        """Set PITR as a `PointInTimeRecoverySpecification` says, whatever the table's state."""
        if not specification["PointInTimeRecoveryEnabled"]:
            table.recovery = None
            return
        days: int | None = specification.get("RecoveryPeriodInDays")
        period = timedelta(days=days) if days else None
        if table.recovery is None:
            table.recovery = RecoveryWindow.opened(now, period or DEFAULT_PERIOD)
        elif period:
            table.recovery = table.recovery.with_period(period, now)

    def _description(self, table: Table, now: datetime) -> Json:
        pitr: Json = {"PointInTimeRecoveryStatus": "DISABLED"}
        if window := table.recovery:
            lag = timedelta(seconds=self._settings.latest_lag_seconds)
            pitr = {
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": window.period.days,
                "EarliestRestorableDateTime": window.earliest(now).timestamp(),
                "LatestRestorableDateTime": round(window.latest(now, lag).timestamp(), 3),
            }
        return {"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": pitr}

    def _throttle(self, call: Call) -> None:
        limit = self._settings.backups_calls_per_second
        if limit is None:
            return
        recent = self._calls[call.account, call.region, call.operation]
        now = time.monotonic()
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= limit:
            raise AwsError("ThrottlingException", "Rate exceeded")
        recent.append(now)


def _table_parameter(call: Call) -> str:
    name = call.parameters.get("TableName")
    if not isinstance(name, str) or not name:
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: "
            "Member must not be null",
        )
    return name


def _specification(parameters: Json) -> Json:
    specification: Json = parameters.get("PointInTimeRecoverySpecification") or {}
    enabled = specification.get("PointInTimeRecoveryEnabled")
    days = specification.get("RecoveryPeriodInDays")
    if not isinstance(enabled, bool):
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value null at 'pointInTimeRecoverySpecification."
            "pointInTimeRecoveryEnabled' failed to satisfy constraint: Member must not be null",
        )
    if days is not None and not _SHORTEST <= days <= _LONGEST:
        bound = (
            f"less than or equal to {_LONGEST}" if days > _LONGEST else "greater than or equal to 1"
        )
        raise AwsError(
            "ValidationException",
            f"1 validation error detected: Value '{days}' at 'pointInTimeRecoverySpecification."
            f"recoveryPeriodInDays' failed to satisfy constraint: Member must have value {bound}",
        )
    if days is not None and not enabled:
        raise AwsError(
            "ValidationException",
            "RecoveryPeriodInDays cannot be given when PointInTimeRecoveryEnabled is false",
        )
    return specification

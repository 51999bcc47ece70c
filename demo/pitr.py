"""Point-in-time recovery as DescribeContinuousBackups shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .waiting import wait_for

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient


@dataclass(frozen=True)
class Pitr:
    """The state of one table; the window is known only while PITR is on."""

    status: str
    period: int | None = None
    earliest: datetime | None = None
    latest: datetime | None = None

    @property
    def is_on(self) -> bool:
        return self.status == "ENABLED"

    def covers(self, instant: datetime) -> bool:
        """Whether the table can be restored to this instant."""
        return bool(self.earliest and self.latest and self.earliest <= instant <= self.latest)

    def __str__(self) -> str:
        if self.earliest is None or self.latest is None:
            return self.status
        window = f"window {clock_time(self.earliest)} to {clock_time(self.latest)}"
        return f"{self.status}, {self.period} days, {window}"


def pitr_of(dynamodb: DynamoDBClient, table: str) -> Pitr:
    """Look at a table. One that was born just now is NOT KNOWN YET to continuous backups."""
    try:
        answer = dynamodb.describe_continuous_backups(TableName=table)
    except (
        dynamodb.exceptions.ContinuousBackupsUnavailableException,
        dynamodb.exceptions.TableNotFoundException,
    ):
        return Pitr("NOT KNOWN YET")
    return pitr_from(answer["ContinuousBackupsDescription"])


def wait_until_restorable(
    dynamodb: DynamoDBClient, table: str, instant: datetime, within: float
) -> None:
    """Wait until a table can be restored to an instant; the latest one lags behind the clock.

    Raises:
        DeadlineError: it still can't.
    """
    wait_for(
        f"{table} to be restorable to {clock_time(instant)}",
        lambda: pitr_of(dynamodb, table),
        lambda pitr: pitr.covers(instant),
        within,
    )


def pitr_from(continuous_backups: Any) -> Pitr:
    """Read a `ContinuousBackupsDescription`."""
    description = continuous_backups.get("PointInTimeRecoveryDescription") or {}
    return Pitr(
        status=description.get("PointInTimeRecoveryStatus", "DISABLED"),
        period=description.get("RecoveryPeriodInDays"),
        earliest=description.get("EarliestRestorableDateTime"),
        latest=description.get("LatestRestorableDateTime"),
    )


def clock_time(instant: datetime) -> str:
    """The time of day, in UTC as everywhere in the story."""
    return f"{instant.astimezone(UTC):%H:%M:%S}"

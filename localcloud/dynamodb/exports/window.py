"""Which time an export may be of.

The errors, their texts and the order of the first two checks are those of findings DDB-EXPORT-001,
-004 and -019 of ack-api-quirks (measured on 2026-10-09), where it has them. It saw windows that end
now; "the latest time with data available" (service model) may lie minutes back, and is the end
here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from localcloud.dynamodb.exports.request import (
    FULL,
    ExportRequest,
)
from localcloud.dynamodb.tables import Table
from localcloud.settings import Settings
from localcloud.wire import (
    AwsError,
    Json,
)

# "Maximum Incremental Export period window": 24 hours, "Quotas", DynamoDB developer guide.
_SHORTEST, _LONGEST = timedelta(minutes=15), timedelta(hours=24)
_DIFFERENCE = "Difference between export period from time and export period to time is"


@dataclass(frozen=True)
class Window:
    """[since, until) of an incremental export; of a full one, both are its instant."""

    since: datetime
    until: datetime

    @classmethod
    def of(cls, table: Table, request: ExportRequest, now: datetime, settings: Settings) -> Self:
        """The time that a request is about.

        Raises:
            AwsError: PointInTimeRecoveryUnavailableException; InvalidExportTimeException.
        """
        since = request.since
        if since and since < table.created_at.replace(microsecond=0):
            raise _invalid(
                "Incremental export period from time cannot be less than the table creation time",
                since,
            )
        if table.recovery is None:
            raise AwsError(
                "PointInTimeRecoveryUnavailableException",
                f"Point in time recovery is not enabled for table '{table.name}'",
            )
        lag = timedelta(seconds=settings.latest_lag_seconds)
        earliest, latest = table.recovery.earliest(now), table.recovery.latest(now, lag)
        if since is None:
            until = request.until or latest
            if not earliest <= until <= now:
                raise _invalid("Export Time is invalid")
            found = cls(until, until)
        else:
            found = cls(since, request.until or latest.replace(microsecond=0))
            found._check(earliest, now)
        if found.until > latest:
            raise _invalid("Point in Time Recovery is not available for specified export time")
        return found

    def described(self, request: ExportRequest) -> Json:
        """What DescribeExport tells of the time."""
        if request.kind == FULL:
            return {"ExportTime": round(self.until.timestamp(), 3)}
        return {
            "ExportType": request.kind,
            "IncrementalExportSpecification": {
                "ExportFromTime": int(self.since.timestamp()),
                "ExportToTime": int(self.until.timestamp()),
                "ExportViewType": request.view,
            },
        }

    def _check(self, earliest: datetime, now: datetime) -> None:
        if self.until > now:
            raise _invalid(
                "Incremental export period to time cannot be greater than the current time",
                self.until,
            )
        if self.since < earliest:
            raise _invalid(
                "Incremental export period from time is outside of the point in time recovery "
                "window",
                self.since,
            )
        if self.since >= self.until:
            raise _invalid(
                "Incremental export period from time should not be greater or equal to incremental "
                "export period to time"
            )
        if self.until - self.since < _SHORTEST:
            raise _invalid(f"{_DIFFERENCE} less than 15 minutes")
        if self.until - self.since > _LONGEST:
            raise _invalid(f"{_DIFFERENCE} greater than 24 hours")


def _invalid(message: str, at: datetime | None = None) -> AwsError:
    shown = f"{message} : {at:%Y-%m-%dT%H:%M:%SZ}" if at else message
    return AwsError("InvalidExportTimeException", shown)

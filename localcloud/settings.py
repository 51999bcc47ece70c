"""What can be chosen when the embedded AWS starts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All durations are seconds, and short: what takes AWS minutes takes tenths of a second here.

    They are measured on `LocalCloud.clock`, so a test may move time instead of waiting.
    """

    port: int = 0
    """Port on 127.0.0.1; 0 takes a free one."""
    account_id: str = "123456789012"
    region: str = "eu-central-1"
    """Region of clients and environments that name none."""

    creating_seconds: float = 0.3
    """A new table is CREATING for so long. So is a new replica."""
    not_found_seconds: float = 0.1
    """For so long after its birth, continuous backups know nothing of a table."""
    backups_enabling_seconds: float = 0.2
    """For so long after a table is ACTIVE, its continuous backups are still being enabled."""
    updating_seconds: float = 0.2
    """A table is UPDATING for so long after UpdateTable."""
    restore_seconds: float = 1.5
    """A restored table is CREATING for so long."""
    index_seconds: float = 0.3
    """Global secondary indexes are ACTIVE so long after their table."""
    deleting_seconds: float = 0.6
    """A deleted table is DELETING for so long before it is gone."""
    deleting_accepts_pitr_seconds: float = 0.3
    """For so long, UpdateContinuousBackups is still accepted on a DELETING table."""
    deletion_backup_seconds: float = 0.5
    """The system backup of a deleted table is visible after so long."""
    backup_seconds: float = 0.2
    """An on-demand backup is CREATING for so long; it can't be restored or deleted until then."""
    export_seconds: float = 1.0
    """An export is IN_PROGRESS for so long; ten minutes and more on AWS."""
    export_partitions: int = 4
    """Of every table: an export has a data file of each, empty ones too."""
    latest_lag_seconds: float = 1.0
    """LatestRestorableDateTime lags so far behind now; about five minutes on AWS."""

    cloudtrail_delay_seconds: float = 0.1
    """An event reaches the default bus so long after its call."""
    trail_logging: bool = True
    """False: there is no trail that logs, so EventBridge sees no API calls."""

    max_concurrent_restores: int = 50
    """Restores at once per account."""
    max_concurrent_exports: int = 300
    """Full exports at once per account and region, and incremental ones."""
    backups_calls_per_second: int | None = None
    """Calls a second per account and region that each of Update- and DescribeContinuousBackups
    takes before it throttles. AWS allows 10; None is no limit."""
    alarm_puts_per_second: int | None = 3
    """PutMetricAlarm calls a second per account and region, as AWS allows; None is no limit."""
    state_machine_wait_scale: float = 1.0
    """Factor on the Wait states and retry intervals of state machines."""

    event_retry_seconds: float = 1.0
    """Real seconds before a function that failed on an event is invoked again, and twice that
    before it is once more; a minute and two on AWS."""

    log_file: Path | None = None
    """Where the logs of the engine go; None: warnings only, to standard error."""

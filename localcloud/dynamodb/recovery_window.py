"""How far back a table can be restored: the arithmetic, without a table or a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

DEFAULT_PERIOD = timedelta(days=35)


@dataclass(frozen=True)
class RecoveryWindow:
    """Continuous backups of a table whose PITR is on."""

    enabled_at: datetime
    period: timedelta
    kept_from: datetime
    """No backup before it is left. Shortening the period moves it, lengthening never does."""

    @classmethod
    def opened(cls, at: datetime, period: timedelta = DEFAULT_PERIOD) -> Self:
        """The window of a table whose PITR is switched on: no history before that moment."""
        return cls(at, period, at)

    def earliest(self, now: datetime) -> datetime:
        """EarliestRestorableDateTime: a whole second, as requests name whole seconds."""
        return max(self.kept_from, now - self.period).replace(microsecond=0)

    def latest(self, now: datetime, lag: timedelta) -> datetime:
        """LatestRestorableDateTime: some time ago, but never before PITR was on."""
        return max(self.enabled_at, now - lag)

    def older(self, by: timedelta) -> Self:
        """The window of a table whose PITR was switched on so much earlier."""
        return replace(self, enabled_at=self.enabled_at - by, kept_from=self.kept_from - by)

    def with_period(self, period: timedelta, now: datetime) -> Self:
        """Shortening deletes the older backups at once; lengthening lets the window grow."""
        return replace(
            self, period=period, kept_from=max(self.kept_from, now - self.period, now - period)
        )

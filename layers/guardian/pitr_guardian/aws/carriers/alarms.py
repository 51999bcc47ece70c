"""CloudWatch alarms on the source, copied for the target under a name that says so."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pitr_guardian.aws.carriers import alarm_copies
from pitr_guardian.aws.errors import later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.restore.ports import (
    LEFT_BEHIND,
    Kept,
    MoreToDoError,
)
from pitr_guardian.restore.request import Setting
from pitr_guardian.tables.reference import Place, TableRef

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_PAGE = 100  # the most that DescribeAlarms gives at once
# CloudWatch user guide, "CloudWatch service quotas": PutMetricAlarm, 3 a second, for everybody in
# the account. A little slower, for calls that begin late.
_SECONDS_APART = 1 / 3 * 1.05
_SECONDS_AT_MOST = 40.0
"""A call may take some ten seconds more, and the function has sixty."""


class AlarmsCarrier:
    """Carries the alarms whose dimension names the source."""

    setting = Setting.ALARMS

    def __init__(
        self,
        client_for: "Callable[[Place], CloudWatchClient]",
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the door to CloudWatch, a client for a place; and a clock, in seconds."""
        self._client_for = client_for
        self._clock = clock
        self._sleep = sleep

    @needs("cloudwatch:DescribeAlarms", on="alarm")
    def read(self, source: TableRef) -> Kept | None:
        """See ``ports.Carrier``. CloudWatch can't be asked by dimension, so all are looked at."""
        alarms: list[dict[str, Any]] = []
        by_query: list[str] = []
        rules: dict[str, str] = {}
        with later_if_passing():
            pages = self._client_for(source).get_paginator("describe_alarms")
            for page in pages.paginate(
                AlarmTypes=["MetricAlarm", "CompositeAlarm"], PaginationConfig={"PageSize": _PAGE}
            ):
                for alarm in map(_as_mapping, page.get("MetricAlarms", [])):
                    if alarm_copies.can_be_copied(alarm, source):
                        alarms.append(alarm_copies.settable(alarm))
                    elif alarm_copies.asks_for(alarm, source):
                        by_query.append(alarm["AlarmName"])
                for composite in page.get("CompositeAlarms", []):
                    rules[composite["AlarmName"]] = composite.get("AlarmRule", "")
        names = {*by_query, *(alarm["AlarmName"] for alarm in alarms)}
        composites = [name for name in rules if alarm_copies.uses_any_of(rules[name], names)]
        kept: Kept = {"alarms": alarms} if alarms else {}
        if left := alarm_copies.left_behind(by_query, composites):
            kept[LEFT_BEHIND] = {alarm_copies.NOT_COPIED: left}
        return kept or None

    def read_after_deletion(self, source: TableRef, indexes: Sequence[str]) -> Kept | None:
        """See ``ports.OutlivingReader``. Alarms go by the table's name, whether there is one."""
        return self.read(source)

    @needs("cloudwatch:PutMetricAlarm", on="alarm of a restored table")
    def put(self, kept: Kept, source: TableRef, target: TableRef) -> str | None:
        """See ``restore.ports.Carrier``. At the pace that CloudWatch allows, from the cursor on."""
        client = self._client_for(target)
        alarms = kept["alarms"]
        began = next_at = self._clock()
        first = kept.get("cursor", {}).get("done", 0)
        for done in range(first, len(alarms)):
            self._sleep(max(0.0, next_at - self._clock()))  # before the next go's first, too
            if done > first and self._clock() - began >= _SECONDS_AT_MOST:
                raise MoreToDoError({"done": done}, done, len(alarms))
            next_at = max(next_at, self._clock()) + _SECONDS_APART
            try:
                with later_if_passing():
                    client.put_metric_alarm(**alarm_copies.copy_of(alarms[done], source, target))
            except TryLaterError as busy:
                if done == first:
                    raise
                raise MoreToDoError({"done": done}, done, len(alarms)) from busy
        return alarm_copies.note_on(alarms, source, target)


def _as_mapping(alarm: Any) -> Mapping[str, Any]:
    return dict(alarm)

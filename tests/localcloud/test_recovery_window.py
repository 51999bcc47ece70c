"""The arithmetic of the recovery window, whatever happens to its period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

from hypothesis import given, strategies as st

from localcloud import (
    Clock,
    Settings,
)
from localcloud.dynamodb.continuous_backups import ContinuousBackups
from localcloud.dynamodb.recovery_window import RecoveryWindow
from localcloud.wire import (
    AwsError,
    Call,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
LAG = timedelta(minutes=5)
changes = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 35)), max_size=8)
"""Days that pass, and the period that is then set."""


@given(changes)
def test_the_window_never_reaches_back_further_than_before(steps: list[tuple[int, int]]) -> None:
    window, now = RecoveryWindow.opened(START), START
    for days, period in steps:
        now += timedelta(days=days)
        before = window.earliest(now)
        window = window.with_period(timedelta(days=period), now)
        assert window.earliest(now) >= before
        assert window.earliest(now) >= now - timedelta(days=period)


@given(changes)
def test_earliest_is_never_after_latest(steps: list[tuple[int, int]]) -> None:
    window, now = RecoveryWindow.opened(START), START
    for days, period in steps:
        now += timedelta(days=days)
        window = window.with_period(timedelta(days=period), now)
        assert START <= window.earliest(now) <= window.latest(now, LAG) <= now


def test_continuous_backups_throttle_beyond_the_calls_a_second_that_the_settings_allow() -> None:
    class NoTables:
        def find(self, name_or_arn: str) -> None:
            return None

    settings = Settings(backups_calls_per_second=10)
    backups = ContinuousBackups(cast(Any, NoTables()), cast(Any, None), Clock(), settings)
    call = Call("dynamodb", "DescribeContinuousBackups", {"TableName": "x"}, "1" * 12, "eu-west-1")
    codes = []
    for _ in range(11):
        try:
            backups.describe(call)
        except AwsError as error:
            codes.append(error.code)
    assert codes == ["TableNotFoundException"] * 10 + ["ThrottlingException"]

"""PITR as DescribeContinuousBackups shows it."""

from datetime import UTC, datetime, timedelta

from demo.pitr import Pitr, pitr_from

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ON = Pitr("ENABLED", 14, NOON, NOON + timedelta(minutes=5))


def test_a_table_whose_pitr_is_off_has_no_window() -> None:
    off = pitr_from({"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"}})
    assert off == Pitr("DISABLED")
    assert not off.is_on
    assert not off.covers(NOON)
    assert str(off) == "DISABLED"


def test_a_window_covers_both_of_its_ends_and_nothing_outside() -> None:
    assert ON.covers(NOON)
    assert ON.covers(NOON + timedelta(minutes=5))
    assert not ON.covers(NOON - timedelta(seconds=1))
    assert not ON.covers(NOON + timedelta(minutes=5, seconds=1))


def test_it_is_told_with_its_period_and_its_window_in_utc() -> None:
    assert str(ON) == "ENABLED, 14 days, window 12:00:00 to 12:05:00"

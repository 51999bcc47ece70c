"""To which instant a drill restores."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.instant import instant_in
from pitr_guardian.tables.observation import Window

LATEST = datetime(2026, 11, 25, 12, 0, 0, 250_000, tzinfo=UTC)
spans = st.timedeltas(timedelta(seconds=2), timedelta(days=35))


@given(spans, st.text(min_size=1, max_size=64))
def test_a_random_instant_is_a_whole_second_of_the_window(span: timedelta, drill_id: str) -> None:
    window = Window(LATEST - span, LATEST)
    at = instant_in(window, "random", drill_id)
    assert isinstance(at, datetime)
    assert at.microsecond == 0
    assert window.earliest <= at <= window.latest
    assert at == instant_in(window, "random", drill_id)


@given(st.text(min_size=1, max_size=64))
def test_of_a_long_window_neither_end_is_chosen(drill_id: str) -> None:
    window = Window(LATEST - timedelta(days=35), LATEST)
    at = instant_in(window, "random", drill_id)
    assert isinstance(at, datetime)
    assert window.earliest + timedelta(hours=1) <= at <= LATEST - timedelta(minutes=15)


def test_old_points_are_chosen_as_often_as_new_ones() -> None:
    window = Window(LATEST - timedelta(days=35), LATEST)
    weeks = [0] * 5
    for number in range(1000):
        at = instant_in(window, "random", f"drill-{number}")
        assert isinstance(at, datetime)
        weeks[(at - window.earliest).days // 7] += 1
    assert min(weeks) > 150


def test_the_latest_and_an_instant_are_as_asked_for() -> None:
    window = Window(LATEST - timedelta(days=1), LATEST)
    assert instant_in(window, "latest", "d") == LATEST.replace(microsecond=0)
    asked = LATEST.replace(microsecond=0) - timedelta(hours=3)
    assert instant_in(window, asked, "d") == asked


@pytest.mark.parametrize("off", [timedelta(days=-2), timedelta(seconds=1)])
def test_an_instant_outside_the_window_is_refused_with_the_window(off: timedelta) -> None:
    window = Window(LATEST - timedelta(days=1), LATEST)
    why = instant_in(window, LATEST.replace(microsecond=0) + off, "d")
    assert isinstance(why, str)
    assert "2026-11-25T12:00:00.000Z" in why
    assert why.startswith("at: ")


def test_a_window_of_no_second_has_no_instant() -> None:
    window = Window(LATEST - timedelta(milliseconds=100), LATEST)
    assert "no whole second" in str(instant_in(window, "random", "d"))

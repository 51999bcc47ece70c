"""Which exports are asked for, and the sentences for windows that can't be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from pitr_guardian.exports.window import Kind, outside, unfit, windows_of
from pitr_guardian.tables.observation import Window

T1 = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
AGES_AGO = T1 - timedelta(days=30)
MINUTE = timedelta(minutes=1)


def named(windows_from: datetime, to: datetime, earliest: datetime) -> dict[str, tuple[int, int]]:
    """Each export's beginning and end, in minutes from `from`."""
    windows = windows_of(windows_from, to, earliest)
    return {
        each.name: ((each.from_ - T1) // MINUTE, (each.to - T1) // MINUTE)
        for each in windows.exports
    }


def test_a_quarter_of_an_hour_or_more_is_one_export() -> None:
    assert named(T1, T1 + 15 * MINUTE, T1) == {"D": (0, 15)}
    assert named(T1, T1 + timedelta(hours=24), T1) == {"D": (0, 24 * 60)}


def test_a_shorter_window_is_two_exports_that_begin_together() -> None:
    assert named(T1, T1 + MINUTE, AGES_AGO) == {"P": (-15, 0), "D": (-15, 1)}
    assert named(T1, T1 + 14 * MINUTE, AGES_AGO) == {"P": (-15, 0), "D": (-15, 14)}


@pytest.mark.parametrize("age", [timedelta(0), 14 * MINUTE, 16 * MINUTE])
def test_near_the_historys_beginning_it_is_one_that_ends_later(age: timedelta) -> None:
    """Also where the exports could just begin: a full window's beginning moves on meanwhile."""
    assert named(T1, T1 + MINUTE, T1 - age) == {"D": (0, 15)}
    assert windows_of(T1, T1 + MINUTE, T1 - age).kind is Kind.YOUNG


def test_exports_can_be_asked_for_once_all_their_ends_are_past() -> None:
    assert windows_of(T1, T1 + MINUTE, AGES_AGO).not_before == T1 + MINUTE
    assert windows_of(T1, T1 + MINUTE, T1).not_before == T1 + 15 * MINUTE


@pytest.mark.parametrize(
    ("from_", "to", "said"),
    [
        (T1, T1, "from, to: 2026-11-25T10:00:00.000Z isn't before 2026-11-25T10:00:00.000Z; give"),
        (T1 + MINUTE, T1, "from, to: .* isn't before"),
        (T1, T1 + 3 * MINUTE, "to: 2026-11-25T10:03:00.000Z is in the future .*leave `to` out"),
        (T1 - timedelta(hours=24, seconds=1), T1, "more than 24 hours.*the last 24 hours first"),
    ],
)
def test_what_no_history_could_tell_is_refused_with_the_remedy(
    from_: datetime, to: datetime, said: str
) -> None:
    told = unfit(from_, to, T1 + MINUTE)
    assert told is not None
    assert re.search(said, told)


def test_a_day_up_to_now_is_fine_even_if_our_clock_is_behind() -> None:
    assert unfit(T1 - timedelta(hours=24), T1, T1) is None
    assert unfit(T1 - MINUTE, T1, T1 - MINUTE / 2) is None


def test_the_bounds_are_in_the_refusal() -> None:
    window = Window(T1 + timedelta(microseconds=1), T1 + timedelta(hours=1))
    told = outside(T1, window)
    assert told is not None
    assert told.startswith("from: 2026-11-25T10:00:00.000Z is before the table's history begins")
    assert "2026-11-25T10:00:01.000Z on, up to 2026-11-25T11:00:00.000Z" in told
    assert outside(T1 + timedelta(seconds=1), window) is None
    # What is later than the latest instant is waited for.
    assert outside(T1 + timedelta(hours=2), window) is None

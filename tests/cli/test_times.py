"""Instants as a person types and reads them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.times import day, duration, instant, parsed, shown, wire

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 25, 10, 20, 30, 400_000, tzinfo=UTC)  # 11:20:30 in Berlin


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-22T10:14:59Z", "2026-11-22T10:14:59Z"),
        ("2026-11-22T10:14:59+01:00", "2026-11-22T09:14:59Z"),
        ("2026-11-22 10:14:59.900+01:00", "2026-11-22T09:14:59Z"),
        ("10:14:59", "2026-11-25T09:14:59Z"),
        ("11:20:30", "2026-11-25T10:20:30Z"),
        ("9:05", "2026-11-25T08:05:00Z"),
        ("-15m", "2026-11-25T10:05:30Z"),
        ("-90s", "2026-11-25T10:19:00Z"),
        ("-2h", "2026-11-25T08:20:30Z"),
        ("-3d", "2026-11-22T10:20:30Z"),
    ],
)
def test_an_instant_is_read_in_the_zone_that_is_shown(text: str, meant: str) -> None:
    assert wire(instant(text, NOW, BERLIN)) == meant


def test_a_time_of_today_follows_the_clock_change_of_the_day() -> None:
    """At 01:30 on 25 October clocks in Berlin are two hours ahead, at 10:00 one."""
    now = datetime(2026, 10, 25, 9, 0, tzinfo=UTC)
    assert wire(instant("01:30:00", now, BERLIN)) == "2026-10-24T23:30:00Z"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("11:20:31", "2026-11-24 11:20:31+01:00"),  # later today: yesterday's, written out
        ("2026-11-22T10:14:59", "+01:00"),
        ("25:00:00", "2026-11-22T10:14:59Z"),
        ("yesterday", "-15m"),
        ("15m", "-15m"),
        ("0001-01-01T00:00:00+14:00", "-15m"),
    ],
)
def test_what_is_no_past_instant_is_wrong_usage_and_says_what_would_be_one(
    text: str, remedy: str
) -> None:
    with pytest.raises(Problem) as raised:
        instant(text, NOW, BERLIN)
    assert raised.value.code is Exit.USAGE
    assert remedy in raised.value.remedy


@given(st.text(max_size=30) | st.from_regex(r"-?\d{1,9}[smhd]", fullmatch=True))
def test_whatever_is_typed_is_an_instant_of_the_past_or_wrong_usage(text: str) -> None:
    found, code = None, None
    try:
        found = instant(text, NOW, BERLIN)
    except Problem as problem:
        code = problem.code
    assert code is Exit.USAGE if found is None else (found <= NOW and not found.microsecond)


def test_what_is_shown_can_be_typed() -> None:
    at = datetime(2026, 11, 25, 9, 14, 59, tzinfo=UTC)
    assert shown(at, BERLIN) == "2026-11-25 10:14:59+01:00"
    assert instant(shown(at, BERLIN), NOW, BERLIN) == at


def test_the_zone_that_is_shown_is_the_machines_own(monkeypatch: pytest.MonkeyPatch) -> None:
    at = datetime(2026, 11, 25, 9, 14, 59, tzinfo=UTC)
    local = at.astimezone()
    assert parsed(shown(at)) == at
    assert shown(at).endswith(local.strftime("%z")[:3] + ":" + local.strftime("%z")[3:])
    assert instant(f"{local:%H:%M:%S}", at + timedelta(seconds=1)) == at


@pytest.mark.parametrize("text", ["20270131", "2027-02-30", "31.1.2027", "", "2027-01-31T00:00"])
def test_a_date_is_written_one_way(text: str) -> None:
    with pytest.raises(Problem, match="no date"):
        day(text)
    assert day("2027-01-31") == date(2027, 1, 31)


@pytest.mark.parametrize("text", [None, 5, "", "soon", "2026-11-22T10:14:59"])
def test_what_a_program_wrote_and_is_no_instant_is_none(text: object) -> None:
    assert parsed(text) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (45 * 60, "45 min"),
        (3 * 3600 + 300, "3 h 05 min"),
        (50 * 3600, "2 d 2 h"),
    ],
)
def test_a_length_of_time_is_told_in_the_units_of_its_size(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_an_offset_with_seconds_is_no_trouble() -> None:
    zone = timezone(timedelta(hours=1, seconds=30))
    assert wire(datetime(2026, 11, 25, 9, 0, tzinfo=zone)) == "2026-11-25T07:59:30Z"

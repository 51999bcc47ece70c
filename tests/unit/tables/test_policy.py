"""Who is exempt and until when, and which recovery period a table is entitled to."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.tables.policy import (
    Policy,
    exemption,
    own_period,
    tagged_period,
)

POLICY = Policy(default_period=20)
EXEMPT, PERIOD = POLICY.exempt_tag, POLICY.period_tag


def covers(value: str, now: datetime) -> bool:
    leave = exemption({EXEMPT: value}, POLICY)
    return leave is not None and leave.covers(now)


def test_an_exemption_holds_until_its_last_day_is_over_in_utc() -> None:
    last_moment = datetime(2026, 12, 31, 23, 59, 59, 999999, UTC)
    assert covers("2026-12-31", last_moment)
    assert not covers("2026-12-31", last_moment + timedelta(microseconds=1))


def test_the_day_is_over_in_utc_wherever_the_clock_hangs() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert covers("2026-12-31", datetime(2027, 1, 1, 8, 59, tzinfo=tokyo))
    assert not covers("2026-12-31", datetime(2027, 1, 1, 9, 0, tzinfo=tokyo))


def test_a_leap_day_is_a_day() -> None:
    assert covers("2028-02-29", datetime(2028, 2, 29, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "true",
        "forever",
        "2026-02-30",
        "2027-02-29",
        "2026-13-01",
        "2026-00-10",
        "0000-01-01",
        "9999-12-31",  # there is no day after it
        "20261231",
        "2026-W01-1",
        "2026-12-31T00:00:00Z",
        " 2026-12-31",
        "2026-12-31 ",
        "2026-12-31\n",
        "31.12.2026",
        "\u0662\u0660\u0662\u0666-12-31",
    ],
)
def test_any_other_value_is_no_exemption(value: str) -> None:
    assert exemption({EXEMPT: value}, POLICY) is None


def test_no_tag_is_no_exemption() -> None:
    assert exemption({"pitr-guardian:exempt-reason": "load test"}, POLICY) is None


def test_reason_and_owner_are_reported_where_present() -> None:
    tags = {
        EXEMPT: "2026-12-31",
        "pitr-guardian:exempt-reason": "load test",
        "pitr-guardian:exempt-owner": "team-a",
    }
    leave = exemption(tags, POLICY)
    assert leave is not None
    assert (leave.last_day, leave.reason, leave.owner) == (
        date(2026, 12, 31),
        "load test",
        "team-a",
    )
    bare = exemption({EXEMPT: "2026-12-31"}, POLICY)
    assert bare is not None
    assert (bare.reason, bare.owner) == (None, None)


def test_the_house_chooses_the_tag_keys() -> None:
    policy = Policy(exempt_tag="no-pitr", period_tag="days")
    assert exemption({"no-pitr": "2026-12-31"}, policy) is not None
    assert exemption({EXEMPT: "2026-12-31"}, policy) is None
    assert tagged_period({"days": "7"}, policy) == 7
    assert tagged_period({PERIOD: "7"}, policy) is None


@pytest.mark.parametrize("days", range(1, 36))
def test_a_tag_names_a_period_of_1_to_35_days(days: int) -> None:
    assert tagged_period({PERIOD: str(days)}, POLICY) == days


@pytest.mark.parametrize(
    "value",
    [
        *("", "0", "36", "99", "100", "036", "07", "-1", "+7", " 7", "7 ", "7\n", "7.0", "7d"),
        *("1e1", "1_0", "seven", "\u0667", "1\u0667", "\u00b2"),  # Arabic-Indic 7, superscript 2
    ],
)
def test_any_other_value_names_no_period(value: str) -> None:
    assert tagged_period({PERIOD: value}, POLICY) is None


@given(st.text())
def test_no_tag_value_breaks_the_policy(value: str) -> None:
    days = own_period({PERIOD: value, EXEMPT: value}, None, POLICY)
    assert 1 <= days <= 35
    leave = exemption({EXEMPT: value}, POLICY)
    assert leave is None or leave.last_day.isoformat() == value


@pytest.mark.parametrize(
    ("tag", "remembered", "own"),
    [
        ("7", 30, 7),
        ("7", None, 7),
        ("36", 30, 30),
        (None, 30, 30),
        ("36", None, 20),
        (None, None, 20),
    ],
)
def test_the_tag_comes_first_then_what_is_remembered_then_the_default(
    tag: str | None, remembered: int | None, own: int
) -> None:
    tags = {} if tag is None else {PERIOD: tag}
    assert own_period(tags, remembered, POLICY) == own

"""Which tables are due, and what their tags say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.choosing import Candidate, drill_id_of, due, due_at, instant_of_day
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.tags import PERIODS, Rhythm, rhythm_of, targets_of
from pitr_guardian.tables.reference import TableRef

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
names = st.from_regex(r"[A-Za-z0-9_.-]{3,255}", fullmatch=True)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def table(name: str = "Orders") -> TableRef:
    return TableRef("aws", "123456789012", "eu-central-1", name)


@pytest.mark.parametrize(
    ("value", "rhythm"),
    [
        ("daily", Rhythm("daily")),
        ("Weekly", Rhythm("weekly")),
        ("monthly with-indexes", Rhythm("monthly", with_indexes=True)),
        (" quarterly ", Rhythm("quarterly")),
        ("fortnightly", None),
        ("daily with-everything", None),
        ("with-indexes", None),
        ("", None),
        (None, None),
    ],
)
def test_a_tag_says_how_often(value: str | None, rhythm: Rhythm | None) -> None:
    assert rhythm_of(value) == rhythm


@pytest.mark.parametrize("value", ["", "0", "-5", "1.5", "an hour", "\u0661", "9" * 30])
def test_a_target_that_is_no_number_of_minutes_is_named(value: str) -> None:
    with pytest.raises(ValueError, match="rto-minutes"):
        targets_of({"pitr-guardian:rto-minutes": value})


def test_targets_are_read() -> None:
    tags = {"pitr-guardian:rto-minutes": "60", "pitr-guardian:rpo-minutes": "5"}
    assert (targets_of(tags).rto_minutes, targets_of(tags).rpo_minutes) == (60, 5)
    assert targets_of({}).rto_minutes is None


@given(names, st.sampled_from(sorted(PERIODS)), instants)
def test_the_next_drill_is_a_period_later_at_the_tables_own_instant(
    name: str, period: str, last_at: datetime
) -> None:
    at = due_at(Candidate(table(name), Rhythm(period), last_at))
    assert at is not None
    off = at - (last_at + PERIODS[period])
    assert abs(off) <= timedelta(hours=12)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    assert at - midnight == instant_of_day(table(name))


@given(names, st.sampled_from(sorted(PERIODS)), instants)
def test_begun_within_the_hour_that_it_is_due_a_rhythm_stays(
    name: str, period: str, first: datetime
) -> None:
    last_at = first
    for _ in range(3):
        at = due_at(Candidate(table(name), Rhythm(period), last_at))
        assert at is not None
        assert at > last_at + PERIODS[period] - timedelta(hours=13)
        last_at = at + timedelta(minutes=59)


def test_whoever_waits_longest_comes_first_and_never_drilled_before_all() -> None:
    never = Candidate(table("never"), Rhythm("yearly"))
    long = Candidate(table("long"), Rhythm("daily"), NOW - timedelta(days=9))
    short = Candidate(table("short"), Rhythm("daily"), NOW - timedelta(days=3))
    fresh = Candidate(table("fresh"), Rhythm("weekly"), NOW - timedelta(days=1))
    assert due([fresh, short, long, never], NOW) == [never, long, short]


@given(names, instants)
def test_the_id_of_a_due_drill_is_one_that_a_request_may_have(name: str, now: datetime) -> None:
    drill_id = drill_id_of(Candidate(table(name), Rhythm("daily")), now)
    assert DrillRequest(table=name, request_id=drill_id).request_id == drill_id
    assert drill_id != drill_id_of(Candidate(table(name + "x"), Rhythm("daily")), now)


@given(names, st.sampled_from(sorted(PERIODS)), instants)
def test_the_next_drill_is_another_though_it_is_due_the_same_day(
    name: str, period: str, first: datetime
) -> None:
    """A drill of a used id would be the old one again, and nothing would be begun."""
    begun = Candidate(table(name), Rhythm(period))
    following = Candidate(table(name), Rhythm(period), first)
    at = due_at(following)
    assert at is not None
    assert drill_id_of(following, max(at, first)) != drill_id_of(begun, first)
    assert drill_id_of(following, at) == drill_id_of(following, at)

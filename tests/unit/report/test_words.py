"""How the page says things."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.report.ring import arcs
from pitr_guardian.report.sweep import Status
from pitr_guardian.report.words import (
    clean,
    days,
    in_days,
    length,
    many,
    percent,
)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (90, "1 min 30 s"),
        (3_600, "1 h"),
        (11_520, "3 h 12 min"),
        (3 * 86_400 + 7_200, "3 d 2 h"),
        (86_400 + 59, "1 d"),
    ],
)
def test_a_length_is_said_in_its_two_largest_units(seconds: float, said: str) -> None:
    assert length(seconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(1, "100 %"), (0.99999, "99.9 %"), (0.9583, "95.8 %"), (0.5, "50 %"), (0, "0 %")],
)
def test_only_all_of_them_are_a_hundred_per_cent(share: float, said: str) -> None:
    assert percent(share) == said


def test_one_is_one_and_more_are_many() -> None:
    assert (days(1), days(7), days(2.96)) == ("1 day", "7 days", "3 days")
    assert (many(1, "table"), many(1_234, "table")) == ("1 table", "1,234 tables")


@pytest.mark.parametrize(
    ("day", "said"),
    [(21, "over"), (22, "today"), (23, "tomorrow"), (29, "in 7 days")],
)
def test_a_day_is_said_as_far_as_it_is_away(day: int, said: str) -> None:
    assert in_days(date(2026, 11, day), date(2026, 11, 22)) == said


def test_signs_that_would_make_a_text_look_like_another_are_shown() -> None:
    assert clean("user\u202egnp.exe") == "user\ufffdgnp.exe"
    assert clean("a\x00b\ud800c\u2028") == "a\ufffdb\ufffdc\ufffd"
    assert clean("Zoë · 日本語") == "Zoë · 日本語"


def test_a_text_without_end_has_one() -> None:
    assert len(clean("x" * 10_000)) == 200


@given(st.dictionaries(st.sampled_from(Status), st.integers(0, 20_000)))
def test_the_ring_shows_every_status_and_is_never_more_than_full(found: dict[Status, int]) -> None:
    counts = {status: found.get(status, 0) for status in Status}
    ring = arcs(counts)
    assert {arc.status for arc in ring} == {status for status in Status if counts[status]}
    assert all(arc.length > 0 for arc in ring)
    for arc, following in pairwise(ring):
        assert arc.start + arc.length < following.start
    if ring:
        assert ring[-1].start + ring[-1].length <= 100


def test_a_house_in_order_is_a_closed_ring() -> None:
    counts = dict.fromkeys(Status, 0) | {Status.PROTECTED: 3}
    assert [(arc.start, arc.length) for arc in arcs(counts)] == [(0, 100)]

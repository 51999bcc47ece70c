"""How the pages say and draw things."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.pages.ring import arcs
from pitr_guardian.pages.words import (
    clean,
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
    assert (many(1, "table"), many(1_234, "table")) == ("1 table", "1,234 tables")


def test_signs_that_would_make_a_text_look_like_another_are_shown() -> None:
    assert clean("user\u202egnp.exe") == "user\ufffdgnp.exe"
    assert clean("a\x00b\ud800c\u2028") == "a\ufffdb\ufffdc\ufffd"
    assert clean("Zoë · 日本語") == "Zoë · 日本語"


def test_a_text_without_end_has_one() -> None:
    assert len(clean("x" * 10_000)) == 200


@given(st.dictionaries(st.sampled_from("abcdefg"), st.integers(0, 20_000)))
def test_the_ring_shows_every_kind_and_is_never_more_than_full(counts: dict[str, int]) -> None:
    ring = arcs(counts)
    assert [arc.kind for arc in ring] == [kind for kind, count in counts.items() if count]
    assert all(arc.length > 0 for arc in ring)
    for arc, following in pairwise(ring):
        assert arc.start + arc.length < following.start
    if ring:
        assert ring[-1].start + ring[-1].length <= 100


def test_all_of_one_kind_are_a_closed_ring() -> None:
    assert [(arc.start, arc.length) for arc in arcs({"a": 0, "b": 3})] == [(0, 100)]

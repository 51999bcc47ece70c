"""What a sample proves of the whole."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.drills.proof.certainty import at_most_wrong, proves


@given(st.integers(1, 10_000))
def test_so_many_right_ones_would_be_drawn_once_in_twenty_times(right: int) -> None:
    assert (1 - at_most_wrong(right)) ** right == pytest.approx(0.05)


@given(st.integers(30, 10_000))
def test_it_is_about_three_over_n(right: int) -> None:
    assert at_most_wrong(right) == pytest.approx(3 / right, rel=0.06)


def test_samples_of_a_worse_table_nearly_always_tell() -> None:
    """Drawn from a table that is as bad as the bound says, 5 % of the samples are all right."""
    draw = random.Random(14)  # noqa: S311 - no secret hangs on it
    bad = at_most_wrong(100)
    samples = 4000
    all_right = sum(all(draw.random() >= bad for _ in range(100)) for _ in range(samples))
    assert all_right / samples == pytest.approx(0.05, abs=0.015)


@pytest.mark.parametrize(
    ("right", "said"),
    [
        (
            1000,
            "1,000 of 1,000 items drawn at random were right: with 95 % confid",
        ),
        (1000, "at most 0.30 % of all"),
        (10_000, "at most 0.030 % of all"),
        (100, "at most 3.0 % of all"),
        (3, "at most 64 % of all"),
        (1, "at most 95 % of all"),
        (0, "No item was compared: nothing is proved."),
    ],
)
def test_it_is_said_in_a_sentence(right: int, said: str) -> None:
    assert said in proves(right)


def test_a_bound_is_never_told_as_less_than_it_is() -> None:
    for right in range(1, 3000):
        told = float(proves(right).partition("at most ")[2].partition(" %")[0]) / 100
        assert told >= at_most_wrong(right) - 1e-12


def test_all_items_leave_nothing_open() -> None:
    assert at_most_wrong(7, all_of_them=True) == 0
    assert proves(7, all_of_them=True) == "Every item was compared, 7 of 7 right: none is wrong."

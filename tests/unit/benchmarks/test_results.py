"""The page of results says what was measured, and whether all of it was."""

from __future__ import annotations

import pytest

from benchmarks.figures import Figure
from benchmarks.results import page
from benchmarks.words import by_size, seconds, times

FAST = Figure("a sweep", "a pool", "1.10 times", "at most 1.3 times", reached=True, note="a|b")
SLOW = Figure("a storm", "itself", "0.5", "at least 0.8", reached=False)


def test_each_figure_is_a_row_that_says_whether_the_goal_was_reached() -> None:
    text = page([FAST, SLOW], [("Python", "3.13")], runs=5)
    assert "| Python | 3.13 |" in text
    assert "| a sweep | a pool | 1.10 times | at most 1.3 times | yes | a\\|b |" in text
    assert "| a storm | itself | 0.5 | at least 0.8 | **no** |  |" in text
    assert "Medians of 5 runs" in text


def test_the_page_of_a_part_says_in_its_title_that_it_is_one() -> None:
    assert page([FAST], [], runs=5).startswith("# Benchmarks\n")
    assert page([FAST], [], runs=5, only=["sweep", "storm"]).startswith(
        "# Benchmarks, sweep, storm only\n"
    )


def test_the_page_of_a_trial_says_in_its_title_that_it_is_one() -> None:
    assert page([FAST], [], runs=1).startswith("# Benchmarks (a trial: 1 of 5 runs)\n")


@pytest.mark.parametrize(
    ("values", "median"), [([3.0, 1.0, 2.0], "2.00 s"), ([1.0, 2.0], "1.50 s"), ([4.0], "4.00 s")]
)
def test_durations_are_told_by_their_median(values: list[float], median: str) -> None:
    assert seconds(values) == median


def test_ratios_and_series_are_rounded_to_hundredths() -> None:
    assert times(1.2345) == "1.23 times"
    assert by_size({10: 2.1, 20: 2.0, 30: 1.987}, "ms") == "2.10, 2.00 and 1.99 ms"

"""The pacer keeps to its rate in every second, and uses it."""

from __future__ import annotations

import itertools
import operator

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.sweep.pace import Pacer
from tests.fakes.sweep import SimulatedTime

rates = st.integers(1, 10)
pauses = st.lists(st.floats(0, 3), min_size=1, max_size=150)


def turns(rate: int, pauses: list[float]) -> list[float]:
    """When each turn was granted, where the caller is away for so long before each."""
    time = SimulatedTime()
    pacer = Pacer(rate, time.ticks, time.sleep)
    granted = []
    for pause in pauses:
        time.now += pause
        pacer.wait()
        granted.append(time.now)
    return granted


LATE = 0.02  # seconds after its turn, at which a call may begin


@given(rates, pauses, st.data())
def test_no_second_has_more_calls_than_allowed_even_where_some_begin_late(
    rate: int, pauses: list[float], data: st.DataObject
) -> None:
    granted = turns(rate, pauses)
    late = data.draw(st.lists(st.floats(0, LATE), min_size=len(granted), max_size=len(granted)))
    begun = sorted(map(operator.add, granted, late))
    for first, one_too_many in zip(begun, begun[rate:], strict=False):
        assert one_too_many - first > 1 - 1e-6


@given(rates, st.integers(2, 200))
def test_turns_are_evenly_spaced_and_nearly_all_taken_where_nobody_is_away(
    rate: int, count: int
) -> None:
    granted = turns(rate, [0.0] * count)
    gaps = [second - first for first, second in itertools.pairwise(granted)]
    assert min(gaps) > 1 / rate
    assert max(gaps) < 1.021 / rate


@given(rates, pauses)
def test_a_pause_costs_no_more_than_it_lasted(rate: int, pauses: list[float]) -> None:
    granted = turns(rate, pauses)
    assert granted[-1] <= 1.021 * (1 + len(pauses) / rate) + sum(pauses)


def test_the_first_turn_is_a_second_after_whatever_was_before_and_no_burst_follows() -> None:
    assert turns(4, [0.0] * 4) == pytest.approx([1.02, 1.275, 1.53, 1.785])


def test_where_nobody_was_before_the_first_turn_is_at_once_and_no_burst_follows() -> None:
    time = SimulatedTime()
    pacer = Pacer(4, time.ticks, time.sleep, is_first=True)
    granted = []
    for _ in range(6):
        pacer.wait()
        granted.append(time.now)
    assert granted == pytest.approx([0, 0.255, 0.51, 0.765, 1.02, 1.275])


def test_that_second_may_be_used_for_something_else() -> None:
    assert turns(4, [0.9, 0.0]) == pytest.approx([1.02, 1.275])


def test_who_comes_a_little_late_once_is_on_time_again() -> None:
    granted = turns(4, [0.0, 0.3, *[0.0] * 3])
    assert granted == pytest.approx([1.02, 1.32, 1.53, 1.785, 2.04])


def test_what_was_missed_in_a_long_pause_is_lost() -> None:
    granted = turns(4, [0.0, 100.0, *[0.0] * 8])
    assert granted[1:6] == pytest.approx([101.02] * 4 + [102.04])

"""Exports lie end to end from the instant on, each as long as AWS takes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st

from pitr_guardian.drills.proof.history import covering, first_round, next_round
from pitr_guardian.exports.window import LONGEST, SHORTEST, ExportWindow

AT = datetime(2026, 11, 1, tzinfo=UTC)
milliseconds = st.integers(1, 36 * 86_400_000).map(lambda ms: timedelta(milliseconds=ms))


def fit(windows: tuple[ExportWindow, ...]) -> bool:
    """Whether AWS takes them, and they lie end to end."""
    return all(
        SHORTEST <= window.to - window.from_ <= LONGEST
        and not window.from_.microsecond
        and not window.to.microsecond
        for window in windows
    ) and all(one.to == other.from_ for one, other in pairwise(windows))


@given(milliseconds)
def test_the_first_round_reaches_from_the_instant_to_the_asking(asked_after: timedelta) -> None:
    windows = first_round(AT, AT + asked_after)
    assert fit(windows)
    assert windows[0].from_ == AT
    assert windows[-1].to == max((AT + asked_after).replace(microsecond=0), AT + SHORTEST)
    assert len({window.name for window in windows}) == len(windows)


@given(milliseconds, st.lists(milliseconds, min_size=1, max_size=3))
def test_further_rounds_reach_over_what_was_read(
    asked_after: timedelta, read_after: list[timedelta]
) -> None:
    windows = first_round(AT, AT + asked_after)
    read_at = AT + asked_after
    for number, after in enumerate(read_after, 1):
        read_at += after
        begin = windows[-1].from_
        windows = next_round(windows, read_at, number)
        assert fit(windows)
        assert windows[0].from_ == begin
        assert windows[-1].to > read_at
        assert windows[-1].to in {covering(read_at), begin + SHORTEST}


def test_names_tell_rounds_and_order() -> None:
    names = [window.name for window in first_round(AT, AT + timedelta(hours=60))]
    assert names == ["0-000", "0-001", "0-002"]
    assert [each.name for each in next_round(first_round(AT, AT), AT, 1)] == ["1-000"]

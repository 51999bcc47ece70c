"""Which round follows, and when a copy counts as proved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pitr_guardian.drills.proof.rounds import Looked, Purpose, Tally, after, verified_at

AT = datetime(2026, 11, 25, tzinfo=UTC)
RIGHT, OPEN = Tally(equal=9, explained=1, resting=5), Tally(equal=9, open_named=1)


@pytest.mark.parametrize(
    ("purpose", "tally", "following"),
    [
        (Purpose.FIRST, Tally(equal=3), None),
        (Purpose.FIRST, RIGHT, Purpose.CONFIRM),
        (Purpose.FIRST, OPEN, Purpose.CONFIRM),
        (Purpose.CONFIRM, RIGHT, None),
        (Purpose.CONFIRM, OPEN, Purpose.EXACT),
        (Purpose.CONFIRM, Tally(open_unnamed=1), Purpose.READ_AGAIN),
        (Purpose.READ_AGAIN, RIGHT, None),
        (Purpose.READ_AGAIN, Tally(open_unnamed=1), Purpose.EXACT),
        (Purpose.EXACT, Tally(equal=1, unsettled=1), None),
    ],
)
def test_what_follows(purpose: Purpose, tally: Tally, following: Purpose | None) -> None:
    assert after(purpose, tally) is following


@pytest.mark.parametrize(
    ("tallies", "proved"),
    [
        ([RIGHT, RIGHT], 0),
        ([OPEN, RIGHT, RIGHT], 1),
        ([RIGHT, OPEN, RIGHT], 2),
        ([RIGHT, OPEN], None),
        ([RIGHT, Tally(equal=1, mismatched=1)], None),
        ([RIGHT, Tally(equal=1, unsettled=1)], None),
        ([], None),
    ],
)
def test_it_is_proved_from_when_on_nothing_was_open(
    tallies: list[Tally], proved: int | None
) -> None:
    looks = [
        Looked(number=number, compared_at=AT + timedelta(hours=number), tally=tally)
        for number, tally in enumerate(tallies)
    ]
    assert verified_at(looks) == (None if proved is None else AT + timedelta(hours=proved))

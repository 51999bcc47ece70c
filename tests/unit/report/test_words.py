"""How the report says days."""

from __future__ import annotations

from datetime import date

import pytest

from pitr_guardian.report.words import (
    days,
    in_days,
)


def test_one_day_is_one_and_more_are_many() -> None:
    assert (days(1), days(7), days(2.96)) == ("1 day", "7 days", "3 days")


@pytest.mark.parametrize(
    ("day", "said"),
    [(21, "over"), (22, "today"), (23, "tomorrow"), (29, "in 7 days")],
)
def test_a_day_is_said_as_far_as_it_is_away(day: int, said: str) -> None:
    assert in_days(date(2026, 11, day), date(2026, 11, 22)) == said

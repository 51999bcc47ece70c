"""How bad something is; what is critical wakes somebody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pitr_guardian.facts.severity import severity_of


@pytest.mark.parametrize(
    ("exempt", "age", "can_come_back", "expected"),
    [
        (False, None, True, "warning"),
        (False, None, False, "critical"),
        (False, timedelta(hours=1), False, "critical"),
        (False, timedelta(hours=1), True, "warning"),
        (False, timedelta(minutes=59), False, "info"),
        (True, timedelta(days=900), False, "info"),
        (True, None, True, "info"),
    ],
)
def test_how_bad_a_deletion_is(
    exempt: bool, age: timedelta | None, can_come_back: bool, expected: str
) -> None:
    assert (
        severity_of("Table Deleted", exempt=exempt, age=age, can_come_back=can_come_back)
        == expected
    )


def test_a_house_that_is_looked_at_for_the_first_time_wakes_nobody() -> None:
    assert severity_of("Drift Detected", was_protected=False) == "warning"
    assert severity_of("Drift Detected", was_protected=True) == "critical"


def test_what_a_tag_asked_for_is_no_emergency() -> None:
    assert severity_of("History Lost", by_leave=True) == "warning"
    assert severity_of("History Lost") == "critical"


def test_an_exemption_without_an_end_is_looked_at() -> None:
    assert severity_of("Drift Tolerated", is_far_off=True) == "warning"
    assert severity_of("Drift Tolerated") == "info"

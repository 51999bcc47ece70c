"""The page with five alerts shows what the guardian writes."""

from __future__ import annotations

from pitr_guardian.facts.announcement import announcement_of
from tests.infrastructure.alerts_page import EXAMPLES, PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run `python -m tests.infrastructure.alerts_page`"


def test_a_phone_shows_all_of_each_subject() -> None:
    for detail_type, detail in EXAMPLES.items():
        assert len(announcement_of(detail_type, detail).subject) <= 70, detail_type

"""A dozen runs whose seeds are fixed; `make chaos` plays hundreds."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.chaos.conftest import SEEDS
from tests.chaos.crew import Outcome, story
from tests.chaos.faults import Kind


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_promises_are_kept(outcomes: dict[int, Outcome], seed: int) -> None:
    assert not outcomes[seed].violations, story(outcomes[seed])


def test_every_kind_of_fault_hit_something(outcomes: dict[int, Outcome]) -> None:
    """What hits nothing proves nothing."""
    hits = sum((outcome.hits for outcome in outcomes.values()), Counter[str]())
    assert set(hits) == set(Kind)

"""One bad run is one that failed, whatever becomes of its process; the others are played."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos import crew
from tests.chaos.crew import Crew, Outcome, story

DIES, CRASHES = 2, 3


def _begin(logs: Path) -> None:
    """No embedded AWS."""


def _run(seed: int) -> Outcome:
    if seed == DIES:
        os._exit(1)
    if seed == CRASHES:
        return Outcome.of_crash(seed, "the run crashed", (), 0.0)
    return Outcome(seed, (), Counter(), Counter({str(os.getpid()): 1}), (), 0.0)


def test_a_process_that_dies_costs_its_own_run_alone(tmp_path: Path) -> None:
    with Crew(1, tmp_path, _begin, _run) as small:
        outcomes = [future.result() for future in small.play(range(1, 5))]
    assert [outcome.seed for outcome in outcomes] == [1, 2, 3, 4]
    assert [bool(outcome.violations) for outcome in outcomes] == [False, True, True, False]
    assert "died" in story(outcomes[1])


def test_after_a_crash_the_next_run_has_a_process_of_its_own(tmp_path: Path) -> None:
    with Crew(1, tmp_path, _begin, _run) as small:
        first, _, second, third = (f.result() for f in small.play([1, CRASHES, 4, 5]))
    assert first.facts != second.facts
    assert second.facts == third.facts


def test_a_run_that_crashes_is_told_with_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_stages", [None])  # no stage to play on
    outcome = crew._play(4711)
    assert outcome.crashed
    assert "AttributeError" in outcome.violations[0]
    assert "Seed 4711 broke" in story(outcome)

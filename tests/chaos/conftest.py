"""One crew of one for all the seeds of this suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.crew import Crew, Outcome

# Between them every kind of fault hits something, and but for the slow one in two of them at least.
SEEDS = (1, 5, 8, 11, 12, 14, 18, 19, 23, 80)


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Outcome]]:
    """What came of the fixed seeds."""
    with Crew(1, tmp_path_factory.mktemp("chaos")) as crew:
        yield {outcome.seed: outcome for outcome in (each.result() for each in crew.play(SEEDS))}

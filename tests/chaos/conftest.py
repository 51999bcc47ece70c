"""One crew of one for all the seeds of this suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.crew import Crew, Outcome

# Between them every kind of fault hits something.
SEEDS = (1, 4, 5, 6, 8, 9, 10, 12, 36, 51, 52, 333)


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Outcome]]:
    """What came of the fixed seeds."""
    with Crew(1, tmp_path_factory.mktemp("chaos")) as crew:
        yield {outcome.seed: outcome for outcome in (each.result() for each in crew.play(SEEDS))}

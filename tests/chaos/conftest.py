"""One crew of one for all the seeds of this suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.chaos.crew import Crew, Outcome

# Between them every kind of fault hits something. 45 found a request that was refused and taken up,
# 83 an undo that was undone, 121 a drift that somebody else had put right, and 173 a copy's mark
# that stayed.
SEEDS = (4, 5, 8, 9, 10, 36, 45, 51, 83, 121, 173, 333)


@pytest.fixture(scope="session")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Outcome]]:
    """What came of the fixed seeds."""
    with Crew(1, tmp_path_factory.mktemp("chaos")) as crew:
        yield {outcome.seed: outcome for outcome in (each.result() for each in crew.play(SEEDS))}

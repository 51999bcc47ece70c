"""An embedded AWS of their own for the sweeps: they wait for the queue, beside all others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-sweeps") / "log") as running:
        yield running

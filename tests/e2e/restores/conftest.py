"""An embedded AWS of their own for the restores."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.restores.restorer import HOME, Restorer


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-restores") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Restorer:
    """The stack as its defaults have it, but that it looks at restores more often."""
    return Restorer(aws, aws.deploy("pitr-guardian", HOME, {"RestorePollSeconds": "1"}))


@pytest.fixture(autouse=True)
def _nothing_left(guardian: Restorer) -> Iterator[None]:
    """No test waits for messages that another failed on: they would come back in six minutes."""
    yield
    guardian.forget_what_failed()

"""The command line against an embedded AWS and a stack that nobody else's tests disturb.

What `status` says of it is what these tests have done to it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.cli.terminal import Cli
from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.restores.restorer import HOME, Restorer


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-the-cli") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Restorer:
    """The stack as its defaults have it, but that it looks at restores more often."""
    return Restorer(aws, aws.deploy("pitr-guardian", HOME, {"RestorePollSeconds": "1"}))


@pytest.fixture(autouse=True)
def _clean_slate(aws: EmbeddedAws, guardian: Restorer) -> Iterator[None]:
    yield
    aws.faults.clear()
    guardian.forget_what_failed()


@pytest.fixture
def cli(guardian: Restorer) -> Cli:
    """The command line, for whoever may do everything."""
    return Cli(guardian)

"""An embedded AWS of their own for the restores: its workflows wait fifty times shorter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.restores.restorer import HOME, Restorer

_QUICK = {
    "state_machine_wait_scale": 0.02,
    "creating_seconds": 0.1,
    "not_found_seconds": 0.02,
    "backups_enabling_seconds": 0.1,
    "updating_seconds": 0.1,
    "restore_seconds": 0.5,
    "index_seconds": 0.1,
    "deletion_backup_seconds": 0.2,
    "backup_seconds": 0.1,
    "latest_lag_seconds": 0.2,
    "cloudtrail_delay_seconds": 0.02,
}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-restores") / "log", **_QUICK) as running:
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

"""One embedded AWS and one deployment of the stack for the whole run.

Each test has tables of its own, so that tests share the rest without seeing one another.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localcloud.deploy import Stack
from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.guardian import Guardian

# Each stack has a region of its own: two guardians in one would protect the same tables. And a name
# of its own: MiniStack names a stack's roles, which have no region, after the stack alone.
HOME, WITHOUT_GRACE, WATCHING = "eu-central-1", "eu-north-1", "us-west-2"
ALLOWED_ACCOUNT = "222233334444"
REDRIVER = "redriver"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    log = tmp_path_factory.mktemp("embedded-aws") / "log"
    # As on AWS, windows end longer ago than a second, and an event's time is in whole ones.
    with embedded_aws(log, latest_lag_seconds=1.0) as running:
        yield running


_deployed: list[Guardian] = []


@pytest.fixture(autouse=True)
def _clean_slate(aws: EmbeddedAws) -> Iterator[None]:
    """No test meets the faults of another, or the messages that another failed on."""
    yield
    aws.faults.clear()
    for stack in _deployed:
        stack.forget_what_failed()


def _deployed_as(aws: EmbeddedAws, stack: Stack) -> Guardian:
    deployed = Guardian(aws, stack)
    _deployed.append(deployed)
    return deployed


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Guardian:
    """The stack as its defaults have it, but that it looks at restores more often, that another
    account may ask for them, that a role may redrive, and that it shows all of itself. Deployed by
    the SAM CLI, as by users."""
    parameters = {
        "RestorePollSeconds": "1",
        "Observability": "full",
        "AllowedRequesterAccounts": ALLOWED_ACCOUNT,
        "RedriveRoleArn": f"arn:aws:iam::{aws.account_id}:role/ci/{REDRIVER}",
    }
    return _deployed_as(aws, aws.deploy("pitr-guardian", HOME, parameters, by_sam=True))


@pytest.fixture(scope="session")
def guardian_without_grace(aws: EmbeddedAws) -> Guardian:
    """A stack for which every table is past its birth grace: nobody can wait an hour here."""
    return Guardian(
        aws, aws.deploy("guardian-without-grace", WITHOUT_GRACE, {"BirthGraceMinutes": "0"})
    )


@pytest.fixture(scope="session")
def watcher(aws: EmbeddedAws) -> Guardian:
    """A stack that only notifies."""
    stack = aws.deploy("guardian-watching", WATCHING, {"Mode": "notify-only"})
    return _deployed_as(aws, stack)

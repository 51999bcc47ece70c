"""An embedded AWS of their own for the drills."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.drills.driller import BUDGET_IN_USD, HOME, TAG, Driller
from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws

ALLOWED_ACCOUNT = "222233334444"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-drills") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Driller:
    """The stack as its defaults have it, but with a budget, and a tag of the tests' own."""
    parameters = {
        "DrillTagKey": TAG,
        "DrillMonthlyBudgetUsd": str(BUDGET_IN_USD),
        "AllowedRequesterAccounts": ALLOWED_ACCOUNT,
    }
    return Driller(aws, aws.deploy("pitr-guardian", HOME, parameters))


@pytest.fixture(autouse=True)
def _nothing_left(guardian: Driller) -> Iterator[None]:
    """No test meets the faults of another, or the messages that another failed on."""
    yield
    guardian.aws.faults.clear()
    guardian.forget_what_failed()

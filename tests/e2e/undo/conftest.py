"""An embedded AWS of their own for the undos."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.undo.undoer import HOME, Undoer

ALLOWED_ACCOUNT = "222233334444"


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("aws-of-undos") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Undoer:
    """The stack as its defaults have it, but that items of some tables may be put back."""
    parameters = {"UndoTablePattern": "Orders-*", "AllowedRequesterAccounts": ALLOWED_ACCOUNT}
    return Undoer(aws, aws.deploy("pitr-guardian", HOME, parameters))


@pytest.fixture(autouse=True)
def _nothing_left(guardian: Undoer) -> Iterator[None]:
    """No test meets the faults of another, or the messages that another failed on."""
    yield
    guardian.aws.faults.clear()
    guardian.forget_what_failed()

"""An embedded AWS of their own for organizations: three accounts in two regions, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.organization.member import Member

HOME, ELSEWHERE = "eu-central-1", "eu-west-1"
SHOP, BANK, STRANGER = "222222222222", "333333333333", "444444444444"
NAMES = {SHOP: "shop", BANK: "bank"}


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    log = tmp_path_factory.mktemp("aws-of-organizations") / "log"
    with embedded_aws(log, state_machine_wait_scale=0.02, cloudtrail_delay_seconds=0.02) as running:
        for account, name in NAMES.items():
            running.join(account, name)
        yield running


@pytest.fixture(scope="session")
def shop(aws: EmbeddedAws) -> Member:
    return Member(aws, SHOP, HOME)


@pytest.fixture(scope="session")
def shop_elsewhere(aws: EmbeddedAws) -> Member:
    return Member(aws, SHOP, ELSEWHERE)


@pytest.fixture(scope="session")
def bank(aws: EmbeddedAws) -> Member:
    return Member(aws, BANK, ELSEWHERE)


@pytest.fixture(scope="session")
def stranger(aws: EmbeddedAws) -> Member:
    """An account of nobody's organization."""
    return Member(aws, STRANGER, HOME)

"""An embedded AWS of their own for organizations: three accounts in two regions, and a stranger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.embedded_aws import EmbeddedAws, embedded_aws
from tests.e2e.organization.headquarters import Headquarters
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
        running.delegate(running.account_id)  # as docs/organization.md has it
        yield running


@pytest.fixture(scope="session")
def guardian(aws: EmbeddedAws) -> Headquarters:
    """The stack as its defaults have it, but that accounts of an organization may be members."""
    parameters = {"OrganizationId": "o-localcloud", "RestorePollSeconds": "1"}
    return Headquarters(aws, aws.deploy("pitr-guardian", HOME, parameters))


@pytest.fixture(scope="session")
def shop(guardian: Headquarters) -> Member:
    """A member in the guardian's region, that allows restores."""
    member = Member(guardian.aws, SHOP, HOME)
    guardian.welcome(member, HOME, AllowRestores="true")
    return member


@pytest.fixture(scope="session")
def shop_elsewhere(guardian: Headquarters, shop: Member) -> Member:
    """Another region of the same account, which has its role already."""
    member = Member(guardian.aws, shop.account, ELSEWHERE)
    guardian.welcome(member, shop.region, AllowRestores="true")
    return member


@pytest.fixture(scope="session")
def bank(guardian: Headquarters) -> Member:
    """A member in another region alone, that allows no more than it must."""
    member = Member(guardian.aws, BANK, ELSEWHERE)
    guardian.welcome(member, ELSEWHERE)
    return member


@pytest.fixture(scope="session")
def own_elsewhere(guardian: Headquarters) -> Member:
    """A further region of the guardian's own account."""
    member = Member(guardian.aws, guardian.aws.account_id, ELSEWHERE)
    guardian.welcome(member, HOME)
    return member


@pytest.fixture(autouse=True)
def _nothing_left(aws: EmbeddedAws) -> Iterator[None]:
    """No test meets the faults of another."""
    yield
    aws.faults.clear()


@pytest.fixture(scope="session")
def stranger(aws: EmbeddedAws) -> Member:
    """An account of nobody's organization."""
    return Member(aws, STRANGER, HOME)

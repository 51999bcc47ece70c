"""Parameters that name a region or an ARN take those of every partition in botocore's data."""

from __future__ import annotations

import json
import re

import pytest
from botocore.session import get_session

from tests.infrastructure.stack import ACCOUNT, source, translated

SDK = get_session()
REGIONS = [
    pytest.param(partition, region, id=region)
    for partition in SDK.get_available_partitions()
    for region in SDK.get_available_regions("dynamodb", partition)
]


@pytest.mark.parametrize(("partition", "region"), REGIONS)
def test_every_region_and_partition_may_be_named(partition: str, region: str) -> None:
    examples = {
        "SweepRegions": region,
        "KmsKeyArn": f"arn:{partition}:kms:{region}:{ACCOUNT}:key/1234-abcd",
        "PermissionsBoundaryArn": f"arn:{partition}:iam::{ACCOUNT}:policy/boundary",
    }
    for parameter, example in examples.items():
        pattern = source()["Parameters"][parameter]["AllowedPattern"]
        assert re.fullmatch(pattern, example), parameter


def test_no_arn_in_the_template_is_of_one_partition() -> None:
    text = json.dumps([template["Resources"] for template in translated().values()])
    assert re.findall(r"arn:aws[a-z-]*:[^\"]*", text) == []


def test_no_host_is_of_one_partition() -> None:
    """Names of services that sign in or send are the same everywhere; hosts aren't."""
    text = json.dumps([template["Resources"] for template in translated().values()])
    hosts = set(re.findall(r"[\w.*-]+\.amazonaws\.[\w.*]+", text))
    services = {host for host in hosts if host.count(".") == 2 and "*" not in host}
    assert hosts - services == set()

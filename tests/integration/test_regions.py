"""Which regions there are, by the SDK's own data."""

from __future__ import annotations

import pytest
from botocore.session import get_session

from pitr_guardian.aws import clients
from pitr_guardian.aws.restore.keys import KmsKeys
from pitr_guardian.aws.restore.restores import DynamoRestores

SDK = get_session()


@pytest.mark.parametrize("partition", SDK.get_available_partitions())
def test_a_region_is_known_with_its_partition(partition: str) -> None:
    restores = DynamoRestores(clients.dynamodb, clients.dynamodb_once, KmsKeys(clients.kms))
    for region in SDK.get_available_regions("dynamodb", partition):
        assert restores.partition_of(region) == partition


@pytest.mark.parametrize("region", ["xx-nowhere-1", "eu-central-99", ""])
def test_what_the_sdk_doesnt_know_is_in_no_partition(region: str) -> None:
    restores = DynamoRestores(clients.dynamodb, clients.dynamodb_once, KmsKeys(clients.kms))
    assert restores.partition_of(region) is None

"""Every partition and region that AWS has, by botocore's data: none is known by heart."""

from __future__ import annotations

import json

import pytest
from botocore.session import get_session

from pitr_guardian.drift.look import (
    body_of,
    looks_from,
)
from pitr_guardian.restore.request import request_from
from pitr_guardian.tables.reference import (
    Home,
    TableRef,
)
from tests.fakes.cloudtrail import ACCOUNT, message, switched_off
from tests.unit.drift.test_look import LATER

SDK = get_session()
REGIONS = [
    pytest.param(partition, region, id=region)
    for partition in SDK.get_available_partitions()
    for region in SDK.get_available_regions("dynamodb", partition)
]


def test_the_list_is_not_of_one_partition() -> None:
    partitions = {each.values[0] for each in REGIONS}
    assert {"aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"} <= partitions


@pytest.mark.parametrize(("partition", "region"), REGIONS)
def test_drift_is_looked_at_where_it_is(partition: str, region: str) -> None:
    body = message(switched_off("orders", awsRegion=region))
    [look] = looks_from(body, LATER, ACCOUNT, partition)
    assert look.table == f"arn:{partition}:dynamodb:{region}:{ACCOUNT}:table/orders"
    assert looks_from(body_of(look), LATER, ACCOUNT, partition) == [look]


@pytest.mark.parametrize(("partition", "region"), REGIONS)
def test_a_restore_may_be_asked_for(partition: str, region: str) -> None:
    home = Home(partition, ACCOUNT, region)
    source = TableRef(partition, ACCOUNT, region, "orders")
    detail = {
        "sourceTable": source.arn,
        "targetTable": "orders-copy",
        "targetRegion": region,
        "encryption": {
            "type": "CUSTOMER_MANAGED",
            "kmsKeyArn": f"arn:{partition}:kms:{region}:{ACCOUNT}:key/1234-abcd",
        },
    }
    request = request_from(json.loads(json.dumps(detail)), "event-1", home)
    assert request.target(home) == TableRef(partition, ACCOUNT, region, "orders-copy")

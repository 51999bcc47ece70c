"""Items of tables page by page and by partition, in memory as on DynamoDB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pitr_guardian.aws.drills.items import DynamoTableItems
from pitr_guardian.aws.drills.partitions import DynamoPartitions
from pitr_guardian.aws.exports.values import on_the_wire
from pitr_guardian.basics.errors import RefusedError
from pitr_guardian.drills.proof.ports import AnyItem, PartitionItems, TableItems
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.keys import Key, KeyAttribute
from pitr_guardian.tables.reference import TableRef
from tests.fakes.cloudtrail import REGION
from tests.fakes.items import FakeItems
from tests.fakes.proofs import FakeTableItems
from tests.integration.lambda_context import ACCOUNT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDERS = TableRef("aws", ACCOUNT, REGION, "orders")
KEY = Key(partition=KeyAttribute(name="id", type="S"), sort=KeyAttribute(name="at", type="B"))
ITEMS: list[Item] = [
    {"id": {"S": f"p{number % 3}"}, "at": {"B": "AAA" + "ABCDEFGHIJKL"[number]}, "n": {"N": "1"}}
    for number in range(12)
]


def never(_: float) -> None:
    raise AssertionError("nothing to wait for")


@pytest.fixture(params=["memory", "dynamodb"])
def doors(request: pytest.FixtureRequest) -> tuple[TableItems, AnyItem, PartitionItems]:
    if request.param == "memory":
        fake = FakeTableItems({ORDERS: FakeItems(ITEMS, KEY)})
        return fake, fake, fake
    dynamodb: DynamoDBClient = request.getfixturevalue("dynamodb")
    dynamodb.create_table(
        TableName=ORDERS.name,
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "at", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "at", "AttributeType": "B"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for item in ITEMS:
        dynamodb.put_item(TableName=ORDERS.name, Item=on_the_wire(item))
    partitions = DynamoPartitions(lambda _: dynamodb, never)
    return DynamoTableItems(lambda _: dynamodb, never), partitions, partitions


def texts(items: list[Item]) -> list[str]:
    return sorted(str(sorted(item.items())) for item in items)


Doors = tuple[TableItems, AnyItem, PartitionItems]


def test_a_table_is_read_page_by_page(doors: Doors) -> None:
    items: list[Item] = []
    after, pages = None, 0
    while True:
        page = doors[0].page(ORDERS, 0, 1, after, 5)
        items += page.items
        after, pages = page.after, pages + 1
        if after is None:
            break
    assert texts(items) == texts(ITEMS)
    assert pages == 3


def test_its_parts_are_all_of_it(doors: Doors) -> None:
    parts = [doors[0].page(ORDERS, number, 4, None, None) for number in range(4)]
    assert texts([item for part in parts for item in part.items]) == texts(ITEMS)


def test_items_are_read_by_their_keys(doors: Doors) -> None:
    key = {name: ITEMS[4][name] for name in KEY.names}
    missing = {"id": {"S": "p9"}, "at": {"B": "AAAA"}}
    assert doors[0].read(ORDERS, [missing, key]) == [None, ITEMS[4]]


def test_a_partition_is_read_whole(doors: Doors) -> None:
    _, _, partitions = doors
    found = list(partitions.partition(ORDERS, {"id": {"S": "p1"}}))
    assert texts(found) == texts(ITEMS[1::3])
    assert list(partitions.partition(ORDERS, {"id": {"S": "p9"}})) == []


def test_some_item_of_a_part(doors: Doors) -> None:
    found = [doors[1].item_in(ORDERS, number, 2) for number in range(2)]
    assert all(item is None or item in ITEMS for item in found)
    assert any(found)


def test_a_table_that_is_gone_is_refused(dynamodb: DynamoDBClient) -> None:
    gone = replace(ORDERS, name="gone")
    with pytest.raises(RefusedError):
        DynamoTableItems(lambda _: dynamodb, never).page(gone, 0, 1, None, None)
    with pytest.raises(RefusedError):
        list(DynamoPartitions(lambda _: dynamodb, never).partition(gone, {"id": {"S": "p"}}))

"""Items of a live table, read and written conditionally: in memory as on DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber

from pitr_guardian.aws.exports.values import on_the_wire, read_off_the_wire
from pitr_guardian.aws.undo.items import DynamoItems
from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.exports.record import Item
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.line import Line, Planned
from pitr_guardian.undo.ports import ConditionFailedError, ItemRefusedError, WritableItems
from pitr_guardian.undo.writes import Write, insertion, write_of
from tests.fakes.cloudtrail import REGION
from tests.fakes.items import KEY, FakeItems
from tests.integration.lambda_context import ACCOUNT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ORDERS = TableRef("aws", ACCOUNT, REGION, "orders")
K: Item = {"id": {"S": "a"}}
OLD: Item = {**K, "price": {"N": "10"}, "raw": {"B": "AAEC"}, "tags": {"BS": ["AQ=="]}}
NEW: Item = {**K, "price": {"N": "1"}, "raw": {"B": "AAEC"}, "junk": {"M": {"b": {"B": "/w=="}}}}


def line(planned: Planned, old: Item | None, new: Item | None, live: Item | None) -> Line:
    return Line(key=K, planned=planned, old=old, new=new, live=live)


REVERT = write_of(line(Planned.REVERT, OLD, NEW, NEW), KEY)
REMOVE = write_of(line(Planned.REMOVE, None, NEW, NEW), KEY)


class Table:
    """The items behind the port, and a way to set them."""

    def __init__(self, items: WritableItems, dynamodb: DynamoDBClient | None) -> None:
        self.items = items
        self._dynamodb = dynamodb

    def put(self, item: Item) -> None:
        if isinstance(self.items, FakeItems):
            self.items.put(item)
        elif self._dynamodb:
            self._dynamodb.put_item(TableName=ORDERS.name, Item=on_the_wire(item))

    def write(self, write: Write) -> Any:
        return self.items.write(ORDERS, write)

    def __getitem__(self, key: Item) -> Item | None:
        [found] = self.items.read(ORDERS, [key])
        return found


@pytest.fixture(params=["in memory", "on DynamoDB"])
def table(request: pytest.FixtureRequest, dynamodb: DynamoDBClient) -> Table:
    if request.param == "in memory":
        return Table(FakeItems(), None)
    dynamodb.create_table(
        TableName=ORDERS.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return Table(DynamoItems(lambda _region: dynamodb, list[float]().append), dynamodb)


def test_items_are_read_in_the_order_that_was_asked_for(table: Table) -> None:
    keys: list[Item] = [{"id": {"S": str(number)}} for number in range(250)]
    for key in keys[::2]:
        table.put(key)
    found = table.items.read(ORDERS, [*reversed(keys), keys[0]])
    assert list(found) == [
        *(key if number % 2 == 0 else None for number, key in reversed(list(enumerate(keys)))),
        keys[0],
    ]
    assert list(table.items.read(ORDERS, [])) == []


def test_an_update_changes_what_it_is_to_change(table: Table) -> None:
    table.put({**NEW, "later": {"S": "by others"}})
    assert table.write(REVERT).before == {**NEW, "later": {"S": "by others"}}
    assert table[K] == {**OLD, "later": {"S": "by others"}}


def test_what_others_wrote_stays_and_is_told(table: Table) -> None:
    theirs = {**NEW, "price": {"N": "7"}}
    table.put(theirs)
    with pytest.raises(ConditionFailedError) as failed:
        table.write(REVERT)
    assert failed.value.item == theirs
    assert table[K] == theirs


def test_what_is_gone_is_told_as_gone(table: Table) -> None:
    with pytest.raises(ConditionFailedError) as failed:
        table.write(REVERT)
    assert failed.value.item is None
    assert table[K] is None


def test_an_item_is_removed_and_put_back(table: Table) -> None:
    table.put(NEW)
    assert table.write(REMOVE).before == NEW
    assert table[K] is None
    assert table.write(insertion(K, OLD, KEY)).before is None
    assert table[K] == OLD
    with pytest.raises(ConditionFailedError):
        table.write(insertion(K, NEW, KEY))


VALUES: list[Item] = [
    OLD,
    NEW,
    {"x": {"L": [{"B": "AA=="}, {"NULL": True}, {"BOOL": False}, {"L": []}]}},
    {"x": {"S": ""}, "y": {"NS": ["1", "2"]}, "z": {"SS": ["a"]}, "empty": {"B": ""}},
]


@pytest.mark.parametrize("item", VALUES)
def test_values_are_translated_there_and_back(item: Item) -> None:
    assert read_off_the_wire(on_the_wire(item)) == item


class Told:
    """DynamoDB's answers, told one after the other; what was waited for in between."""

    def __init__(self) -> None:
        self.client = boto3.client("dynamodb", region_name=REGION)
        self.stub = Stubber(self.client)
        self.stub.activate()
        self.waited: list[float] = []
        self.items = DynamoItems(lambda _region: self.client, self.waited.append)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.mark.parametrize(
    "code", ["TransactionConflictException", "ReplicatedWriteConflictException"]
)
def test_who_writes_the_same_item_just_now_is_waited_for(told: Told, code: str) -> None:
    told.stub.add_client_error("update_item", code, http_status_code=400)
    told.stub.add_response("update_item", {"ConsumedCapacity": {"CapacityUnits": 2.0}})
    assert told.items.write(ORDERS, REVERT).units == 2.0
    assert len(told.waited) == 1


def test_what_stays_busy_is_left_for_later(told: Told) -> None:
    for _ in range(20):
        told.stub.add_client_error(
            "update_item", "ProvisionedThroughputExceededException", http_status_code=400
        )
    with pytest.raises(TryLaterError):
        told.items.write(ORDERS, REVERT)
    assert 3 < sum(told.waited) < 30


@pytest.mark.parametrize(
    "code", ["ValidationException", "ItemCollectionSizeLimitExceededException"]
)
def test_what_dynamodb_does_not_take_of_an_item_is_this_items(told: Told, code: str) -> None:
    told.stub.add_client_error("update_item", code, "Item size has exceeded", 400)
    with pytest.raises(ItemRefusedError, match="Item size has exceeded"):
        told.items.write(ORDERS, REVERT)


def test_what_dynamodb_refuses_is_refused_for_good(told: Told) -> None:
    told.stub.add_client_error("update_item", "AccessDeniedException", "no", 400)
    with pytest.raises(RefusedError, match="AccessDeniedException"):
        told.items.write(ORDERS, REVERT)


def test_keys_that_were_not_read_are_asked_for_again(told: Told) -> None:
    keys: list[Any] = [{"id": {"S": "a"}}, {"id": {"S": "b"}}]
    unread = {ORDERS.arn: {"Keys": keys[1:], "ConsistentRead": True}}
    told.stub.add_response(
        "batch_get_item",
        {"Responses": {ORDERS.arn: [keys[0]]}, "UnprocessedKeys": unread},
        {"RequestItems": {ORDERS.arn: {"Keys": keys, "ConsistentRead": True}}},
    )
    told.stub.add_response(
        "batch_get_item",
        {"Responses": {ORDERS.arn: [keys[1]]}},
        {"RequestItems": unread},
    )
    assert list(told.items.read(ORDERS, keys)) == keys

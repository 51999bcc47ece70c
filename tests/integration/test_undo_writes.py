"""Whatever an undo writes, DynamoDB does with it what the table in memory does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings

from pitr_guardian.aws.exports.values import on_the_wire
from pitr_guardian.aws.undo.items import DynamoItems
from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.classify import classify
from pitr_guardian.undo.line import Line
from pitr_guardian.undo.shape import Shape
from pitr_guardian.undo.writing import ItemWriter
from tests.fakes.cloudtrail import REGION
from tests.fakes.items import KEY as SCHEMA, FakeItems
from tests.integration.lambda_context import ACCOUNT
from tests.unit.undo.values import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 25, tzinfo=UTC)
ORDERS = TableRef("aws", ACCOUNT, REGION, "orders")
KEY: Item = {"id": {"S": "k"}}
SHAPE = Shape(table_id="1", key=SCHEMA)


def make_table(dynamodb: DynamoDBClient) -> None:
    if ORDERS.name not in dynamodb.list_tables()["TableNames"]:
        dynamodb.create_table(
            TableName=ORDERS.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


# The table is the same for all examples; each begins by saying what its item is.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items(KEY), items(KEY), items(KEY), items(KEY))
def test_a_line_comes_to_the_same(
    dynamodb: DynamoDBClient,
    old: Item | None,
    new: Item | None,
    live: Item | None,
    then: Item | None,
) -> None:
    verdict = classify(Images(KEY, old, new), live, None, NOW)
    line = Line(key=KEY, planned=verdict.planned, old=old, new=new, live=live)
    if same_item(old, new) or not line.planned.writes:
        return
    make_table(dynamodb)
    for found in (live, then):
        if found is None:
            dynamodb.delete_item(TableName=ORDERS.name, Key=on_the_wire(KEY))
        else:
            dynamodb.put_item(TableName=ORDERS.name, Item=on_the_wire(found))
        memory = FakeItems([found] if found else [])
        real = DynamoItems(lambda _region: dynamodb, list[float]().append)
        units: list[float] = []
        done = [
            ItemWriter(table, ORDERS, SHAPE, lambda: NOW, units.append).carry_out(line)
            for table in (memory, real)
        ]
        assert done[0].outcome == done[1].outcome
        assert same_item(done[0].before, done[1].before)
        assert same_item(done[0].after, done[1].after)
        [after] = real.read(ORDERS, [KEY])
        assert same_item(after, memory[KEY])

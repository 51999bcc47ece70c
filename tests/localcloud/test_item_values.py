"""What DynamoDB takes for equal, in conditions and in keys, and what it keeps of a value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.errors import refused

type Value = dict[str, Any]

KEY = {"id": {"S": "item"}}
EQUAL: list[tuple[Value, Value]] = [
    ({"N": "1"}, {"N": "1.0"}),
    ({"N": "100"}, {"N": "1e2"}),
    ({"N": "-0"}, {"N": "0"}),
    ({"N": "9" * 38}, {"N": "9" * 38}),
    ({"NS": ["1", "2"]}, {"NS": ["2.0", "1e0"]}),
    ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
    ({"BS": [b"a", b"b"]}, {"BS": [b"b", b"a"]}),
    ({"B": b"\x00\xff"}, {"B": b"\x00\xff"}),
    ({"S": ""}, {"S": ""}),
    ({"B": b""}, {"B": b""}),
    ({"M": {}}, {"M": {}}),
    ({"L": []}, {"L": []}),
    ({"NULL": True}, {"NULL": True}),
    (
        {"M": {"a": {"N": "1"}, "b": {"L": [{"NS": ["1", "2"]}, {"B": b"x"}]}}},
        {"M": {"b": {"L": [{"NS": ["2", "1.0"]}, {"B": b"x"}]}, "a": {"N": "1.00"}}},
    ),
]
UNEQUAL: list[tuple[Value, Value]] = [
    ({"N": "9" * 38}, {"N": "9" * 37 + "8"}),
    ({"S": "1"}, {"N": "1"}),
    ({"S": "a"}, {"B": b"a"}),
    ({"S": "a"}, {"S": "A"}),
    ({"S": "\u00e9"}, {"S": "e\u0301"}),
    ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}),
    ({"SS": ["a"]}, {"SS": ["a", "b"]}),
    ({"SS": ["1"]}, {"NS": ["1"]}),
    ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"N": "1"}, "b": {"N": "1"}}}),
    ({"BOOL": True}, {"BOOL": False}),
    ({"NULL": True}, {"S": ""}),
]


@pytest.fixture
def table(aws: Account) -> str:
    return aws.active_table()


def touch_if(aws: Account, table: str, condition: str, given: Value) -> None:
    aws.dynamodb.update_item(
        TableName=table,
        Key=KEY,
        UpdateExpression="SET touched = :touched",
        ConditionExpression=condition,
        ExpressionAttributeNames={"#value": "value"},
        ExpressionAttributeValues={":touched": {"BOOL": True}, ":given": given},
    )


@pytest.mark.parametrize(("kept", "given"), EQUAL)
def test_values_are_equal_by_what_they_mean(
    aws: Account, table: str, kept: Value, given: Value
) -> None:
    aws.dynamodb.put_item(TableName=table, Item={**KEY, "value": kept})
    with refused("ConditionalCheckFailedException"):
        touch_if(aws, table, "#value <> :given", given)
    touch_if(aws, table, "#value = :given", given)


@pytest.mark.parametrize(("kept", "given"), UNEQUAL)
def test_values_that_mean_something_else_are_not_equal(
    aws: Account, table: str, kept: Value, given: Value
) -> None:
    aws.dynamodb.put_item(TableName=table, Item={**KEY, "value": kept})
    with refused("ConditionalCheckFailedException"):
        touch_if(aws, table, "#value = :given", given)
    touch_if(aws, table, "#value <> :given", given)


def test_what_isnt_there_equals_nothing(aws: Account, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item=KEY)
    with refused("ConditionalCheckFailedException"):
        touch_if(aws, table, "#value = :given", {"NULL": True})
    touch_if(aws, table, "#value <> :given", {"NULL": True})


def numbered(aws: Account) -> str:
    """A table whose partition key is a number and whose sort key is binary."""
    return aws.active_table(
        "numbers",
        KeySchema=[
            {"AttributeName": "n", "KeyType": "HASH"},
            {"AttributeName": "b", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "n", "AttributeType": "N"},
            {"AttributeName": "b", "AttributeType": "B"},
        ],
    )


def test_a_number_is_the_same_key_however_it_is_written(aws: Account) -> None:
    table, sort_key = numbered(aws), {"B": b"\x00"}
    key, written_else = ({"n": {"N": number}, "b": sort_key} for number in ("1000", "1.0e3"))
    aws.dynamodb.put_item(TableName=table, Item={**written_else, "v": {"S": "old"}})
    aws.dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "new"}})
    assert aws.dynamodb.scan(TableName=table)["Items"] == [{**key, "v": {"S": "new"}}]
    assert aws.dynamodb.get_item(TableName=table, Key=written_else)["Item"]["v"] == {"S": "new"}
    requests = {table: {"Keys": [written_else], "ConsistentRead": True}}
    found = aws.dynamodb.batch_get_item(RequestItems=requests)["Responses"][table]
    assert [item["n"] for item in found] == [{"N": "1000"}]
    twice = [{"DeleteRequest": {"Key": key}}, {"DeleteRequest": {"Key": written_else}}]
    with refused("ValidationException", "duplicates"):
        aws.dynamodb.batch_write_item(RequestItems={table: twice})
    aws.dynamodb.update_item(TableName=table, Key=written_else, UpdateExpression="REMOVE v")
    aws.dynamodb.delete_item(
        TableName=table, Key=written_else, ConditionExpression="attribute_exists(n)"
    )
    assert aws.dynamodb.scan(TableName=table)["Items"] == []


def test_an_update_that_makes_an_item_writes_its_key_as_dynamodb_does(aws: Account) -> None:
    table = numbered(aws)
    key = {"n": {"N": "007.50"}, "b": {"B": b"\x01"}}
    aws.dynamodb.update_item(TableName=table, Key=key, UpdateExpression="REMOVE v")
    assert aws.dynamodb.scan(TableName=table)["Items"] == [{**key, "n": {"N": "7.5"}}]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"SS": []}, "may not be empty"),
        ({"NS": ["1", "1.0"]}, "duplicates"),
        ({"N": "1" * 39}, "38 significant digits"),
        ({"N": "1e126"}, "larger than supported range"),
        ({"N": ""}, "cannot be converted to a numeric value"),
    ],
)
def test_some_values_are_none(aws: Account, table: str, value: Value, says: str) -> None:
    with refused("ValidationException", says):
        aws.dynamodb.put_item(TableName=table, Item={**KEY, "value": value})


def test_a_key_cant_be_empty(aws: Account, table: str) -> None:
    with refused("ValidationException", "empty string value"):
        aws.dynamodb.put_item(TableName=table, Item={"id": {"S": ""}})

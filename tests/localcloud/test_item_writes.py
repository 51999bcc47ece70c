"""Conditional writes: what they change, give back and cost, and how large they may be."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud
from localcloud.ministack.expressions import operands_of_in, operators
from tests.localcloud.account import Account
from tests.localcloud.errors import refused

type Item = dict[str, Any]

KEY = {"id": {"S": "item"}}
LARGEST = 400 * 1024
"""Of an item: its attributes' names and values."""


@pytest.fixture
def table(aws: Account) -> str:
    return aws.active_table()


def update(aws: Account, table: str, expression: str, **more: Any) -> Any:
    return aws.dynamodb.update_item(TableName=table, Key=KEY, UpdateExpression=expression, **more)


def value(**values: str) -> dict[str, Item]:
    return {f":{name}": {"S": text} for name, text in values.items()}


@pytest.mark.parametrize("operation", ["put_item", "update_item", "delete_item"])
def test_a_write_that_is_refused_can_give_back_the_item_in_its_way(
    aws: Account, table: str, operation: str
) -> None:
    item = {**KEY, "v": {"S": "live"}}
    aws.dynamodb.put_item(TableName=table, Item=item)
    target: Item = {"Item": KEY} if operation == "put_item" else {"Key": KEY}
    if operation == "update_item":
        target["UpdateExpression"] = "REMOVE w"
    write = getattr(aws.dynamodb, operation)
    condition = {
        "TableName": table,
        "ConditionExpression": "v = :seen",
        "ExpressionAttributeValues": value(seen="other"),
        **target,
    }
    for wish, given in (("ALL_OLD", item), ("NONE", None)):
        with pytest.raises(ClientError) as raised:
            write(**condition, ReturnValuesOnConditionCheckFailure=wish)
        assert raised.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
        assert raised.value.response.get("Item") == given
    aws.dynamodb.delete_item(TableName=table, Key=KEY)
    with pytest.raises(ClientError) as raised:
        write(**condition, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert "Item" not in raised.value.response


def test_a_transaction_gives_back_the_items_in_its_way(aws: Account, table: str) -> None:
    item = {**KEY, "v": {"S": "live"}}
    aws.dynamodb.put_item(TableName=table, Item=item)
    write = {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": "REMOVE v",
        "ConditionExpression": "attribute_not_exists(v)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    with pytest.raises(ClientError) as raised:
        aws.dynamodb.transact_write_items(TransactItems=[{"Update": write}])
    [reason] = raised.value.response["CancellationReasons"]
    assert (reason["Code"], reason["Item"]) == ("ConditionalCheckFailed", item)


def test_a_write_can_give_back_the_item_that_was_there(aws: Account, table: str) -> None:
    old, new = {**KEY, "v": {"S": "old"}}, {**KEY, "v": {"S": "new"}}
    put = aws.dynamodb.put_item(TableName=table, Item=old, ReturnValues="ALL_OLD")
    assert "Attributes" not in put
    put = aws.dynamodb.put_item(TableName=table, Item=new, ReturnValues="ALL_OLD")
    assert put["Attributes"] == old
    updated = update(
        aws,
        table,
        "REMOVE v SET w = :w",
        ExpressionAttributeValues=value(w="w"),
        ReturnValues="ALL_OLD",
    )
    assert updated["Attributes"] == new
    deleted = aws.dynamodb.delete_item(TableName=table, Key=KEY, ReturnValues="ALL_OLD")
    assert deleted["Attributes"] == {**KEY, "w": {"S": "w"}}


def test_an_update_sets_and_removes_any_name_and_depth(aws: Account, table: str) -> None:
    deep = {"M": {"a.b": {"L": [{"M": {"c": {"N": "5"}, "d": {"S": "gone"}}}]}}}
    aws.dynamodb.put_item(TableName=table, Item={**KEY, "size": deep, "a.b": {"S": "x"}})
    names = {"#size": "size", "#ab": "a.b"}
    found = update(
        aws,
        table,
        "SET #size.#ab[0].c = :six REMOVE #size.#ab[0].d, #ab",
        ConditionExpression="#size.#ab[0].c = :five AND #ab = :x",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":five": {"N": "5.0"},
            ":six": {"N": "6"},
            ":x": {"S": "x"},
        },
        ReturnValues="ALL_NEW",
    )["Attributes"]
    assert found == {**KEY, "size": {"M": {"a.b": {"L": [{"M": {"c": {"N": "6"}}}]}}}}


def test_an_update_without_a_condition_makes_the_item(aws: Account, table: str) -> None:
    update(aws, table, "REMOVE v")
    assert aws.dynamodb.scan(TableName=table)["Items"] == [KEY]


@pytest.mark.parametrize(
    ("expression", "names", "says"),
    [
        ("SET id = :v", {}, "part of the key"),
        ("SET a.b = :v", {}, "document path provided in the update expression is invalid"),
        ("SET a = :v REMOVE a.b", {}, "Two document paths overlap"),
        ("SET a = :v, #a = :v", {"#a": "a"}, "Two document paths overlap"),
        ("SET a[0] = :v REMOVE a[0].b", {}, "Two document paths overlap"),
        ("SET name = :v", {}, "reserved keyword"),
        ("SET a = :v", {"#unused": "b"}, "unused in expressions"),
        ("SET a = :v REMOVE #undefined", {"#b": "b"}, "unused in expressions"),
    ],
)
def test_some_updates_are_none(
    aws: Account, table: str, expression: str, names: dict[str, str], says: str
) -> None:
    aws.dynamodb.put_item(TableName=table, Item=KEY)
    more: Any = {"ExpressionAttributeNames": names} if names else {}
    with refused("ValidationException", says):
        update(aws, table, expression, ExpressionAttributeValues=value(v="v"), **more)


def test_neighbours_of_a_path_dont_overlap(aws: Account, table: str) -> None:
    item = {**KEY, "a": {"L": [{"S": "0"}, {"S": "1"}]}, "ab": {"S": "x"}}
    aws.dynamodb.put_item(TableName=table, Item=item)
    update(aws, table, "SET a[0] = :v, a[1] = :v REMOVE ab", ExpressionAttributeValues=value(v="v"))


def test_an_expression_has_at_most_4_kb(aws: Account, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item=KEY)
    condition = "attribute_exists(id)"
    update(aws, table, "REMOVE v", ConditionExpression=condition.ljust(4096))
    with refused("ValidationException", "Expression size has exceeded"):
        update(aws, table, "REMOVE v", ConditionExpression=condition.ljust(4097))


def test_an_expression_has_at_most_300_operators(aws: Account, table: str) -> None:
    aws.dynamodb.put_item(TableName=table, Item=KEY)

    def touch(comparisons: int, more: str = "") -> None:
        condition = " AND ".join(f"a{number}<>:v" for number in range(comparisons)) + more
        update(
            aws,
            table,
            "SET v = :v",
            ConditionExpression=condition,
            ExpressionAttributeValues=value(v="v"),
        )

    touch(150)  # and 149 AND
    touch(149, " AND NOT a=:v")
    with refused("ValidationException", "too many operators"):
        touch(151)
    member = {
        "TableName": table,
        "Key": KEY,
        "ConditionExpression": " AND ".join(f"a{number}<>:v" for number in range(151)),
        "ExpressionAttributeValues": value(v="v"),
    }
    with refused("ValidationException", "too many operators"):
        aws.dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": member}])


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("SET a = :val1 + :val2 + :val3", 2),  # AWS's own example
        ("SET a = if_not_exists(a, :v) - :w, b = :x REMOVE c", 2),
        ("attribute_exists(a) AND (b = :b OR NOT c <> :c)", 6),
        ("a BETWEEN :a AND :b AND size(c) > :c", 4),
        ("a IN (:a, :b)", 1),
    ],
)
def test_operators_are_comparisons_keywords_functions_and_arithmetic(
    cloud: LocalCloud, expression: str, count: int
) -> None:
    assert cloud.endpoint, "it counts with the engine's own parser"
    assert operators(expression) == count


def test_in_has_at_most_100_operands(aws: Account, table: str) -> None:
    assert operands_of_in("a IN (:a, :b, :c) OR b IN (:d)") == 3
    aws.dynamodb.put_item(TableName=table, Item={**KEY, "v": {"S": "0"}})

    def touch(operands: int) -> None:
        given = {f":{number}": {"S": str(number)} for number in range(operands)}
        update(
            aws,
            table,
            "REMOVE w",
            ConditionExpression=f"v IN ({', '.join(given)})",
            ExpressionAttributeValues=given,
        )

    touch(100)
    with refused("ValidationException", "IN operator"):
        touch(101)


def test_placeholders_are_short_and_their_values_2_mb_together(aws: Account, table: str) -> None:
    name = "#" + "n" * 254
    update(aws, table, f"REMOVE {name}", ExpressionAttributeNames={name: "v"})
    with refused("ValidationException", "longer than 255 bytes"):
        update(aws, table, f"REMOVE {name}n", ExpressionAttributeNames={f"{name}n": "v"})
    large = {f":{number}": {"S": "x" * 399_000} for number in range(6)}
    with refused("ValidationException", "larger than"):
        update(
            aws,
            table,
            "SET v = :0",
            ConditionExpression=" OR ".join(f"v = {each}" for each in large),
            ExpressionAttributeValues=large,
        )


def test_an_item_has_at_most_400_kb(aws: Account, table: str) -> None:
    room = LARGEST - len("id" + "item" + "v")
    item = {**KEY, "v": {"S": "x" * room}}
    aws.dynamodb.put_item(TableName=table, Item=item)
    with refused("ValidationException", "Item size to update has exceeded"):
        update(aws, table, "SET w = :w", ExpressionAttributeValues=value(w=""))
    with refused("ValidationException", "Item size has exceeded"):
        aws.dynamodb.put_item(TableName=table, Item={**item, "w": {"S": ""}})
    aws.dynamodb.delete_item(
        TableName=table,
        Key=KEY,
        ConditionExpression="v = :v",
        ExpressionAttributeValues={":v": item["v"]},
    )


def test_a_write_costs_the_larger_of_what_was_and_what_is(aws: Account, table: str) -> None:
    def units(answer: Any) -> float:
        return float(answer["ConsumedCapacity"]["CapacityUnits"])

    wish = {"TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    large = {**KEY, "v": {"S": "x" * 2500}}
    assert units(aws.dynamodb.put_item(Item=large, **wish)) == 3
    assert units(aws.dynamodb.get_item(Key=KEY, ConsistentRead=True, **wish)) == 1
    assert units(aws.dynamodb.update_item(Key=KEY, UpdateExpression="REMOVE v", **wish)) == 3
    assert units(aws.dynamodb.delete_item(Key=KEY, **wish)) == 1
    assert units(aws.dynamodb.delete_item(Key=KEY, **wish)) == 1


def test_a_batch_is_read_in_no_order_up_to_16_mb_and_tells_what_it_cost(
    aws: Account, table: str
) -> None:
    keys = [{"id": {"S": f"{number:02}"}} for number in range(60)]
    for key in keys:
        aws.dynamodb.put_item(TableName=table, Item={**key, "v": {"S": "x" * 400_000}})
    asked: Any = {table: {"Keys": [*keys, KEY], "ConsistentRead": True}}
    found: list[str] = []
    answers = 0
    while asked:
        answer = aws.dynamodb.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="TOTAL")
        items = answer["Responses"][table]
        assert sum(len(item["v"]["S"]) for item in items) <= 16 * 1024 * 1024
        ids = [item["id"]["S"] for item in items]
        assert ids != sorted(ids)
        found += ids
        [consumed] = answer["ConsumedCapacity"]
        assert consumed["CapacityUnits"] >= 98 * len(items)
        asked, answers = answer["UnprocessedKeys"], answers + 1
    assert sorted(found) == [key["id"]["S"] for key in keys]
    assert answers == 2

"""Exports know every item at every past second, however it was written."""

from __future__ import annotations

import importlib
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.errors import refused
from tests.localcloud.exports import Exporter
from tests.localcloud.test_exports import by_key

type State = dict[str, Any]
"""Items by their key."""

MINUTE = timedelta(minutes=1)


class Writer:
    """Writes to a table in every way there is, at random."""

    def __init__(self, aws: Account, table: str, chance: random.Random) -> None:
        self._dynamodb = aws.dynamodb
        self._table = table
        self._chance = chance
        self._ways: list[Callable[[], Any]] = [
            self._put,
            self._update,
            self._delete,
            self._batch,
            self._transaction,
            self._cancelled_transaction,
            self._statements,
            self._cancelled_statements,
        ]

    def write(self) -> None:
        self._chance.choice(self._ways)()

    def state(self) -> State:
        items = self._dynamodb.scan(TableName=self._table)["Items"]
        return {item["id"]["S"]: item for item in items}

    def _key(self) -> dict[str, Any]:
        return {"id": {"S": self._chance.choice("abcdef")}}

    def _item(self) -> dict[str, Any]:
        return {**self._key(), "n": {"N": str(self._chance.randrange(100))}}

    def _two(self, make: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
        first = second = make()
        while second["id"] == first["id"]:
            second = make()
        return [first, second]

    def _put(self) -> None:
        self._dynamodb.put_item(TableName=self._table, Item=self._item())

    def _update(self) -> None:
        self._dynamodb.update_item(
            TableName=self._table,
            Key=self._key(),
            UpdateExpression="SET n = if_not_exists(n, :one) + :one, tags = :tags",
            ExpressionAttributeValues={":one": {"N": "1"}, ":tags": {"L": [{"S": "x"}]}},
        )

    def _delete(self) -> None:
        self._dynamodb.delete_item(TableName=self._table, Key=self._key())

    def _batch(self) -> None:
        put, delete = self._two(self._item)
        requests = [
            {"PutRequest": {"Item": put}},
            {"DeleteRequest": {"Key": {"id": delete["id"]}}},
        ]
        self._dynamodb.batch_write_item(RequestItems={self._table: requests})

    def _transaction(
        self, condition: str = "attribute_exists(id) OR attribute_not_exists(id)"
    ) -> None:
        put, delete = self._two(self._item)
        self._dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": self._table, "Item": put}},
                {
                    "Delete": {
                        "TableName": self._table,
                        "Key": {"id": delete["id"]},
                        "ConditionExpression": condition,
                    }
                },
            ]
        )

    def _cancelled_transaction(self) -> None:
        with refused("TransactionCanceledException"):
            self._transaction("attribute_exists(id) AND attribute_not_exists(id)")

    def _statements(self) -> None:
        item = self._item()
        self._dynamodb.put_item(TableName=self._table, Item=item)
        statement = f'UPDATE "{self._table}" SET n=? WHERE id=?'  # noqa: S608
        self._dynamodb.execute_transaction(
            TransactStatements=[{"Statement": statement, "Parameters": [{"N": "7"}, item["id"]]}]
        )

    def _cancelled_statements(self) -> None:
        """A new item is written, and taken back since another one can't be changed."""
        insert = f"INSERT INTO \"{self._table}\" VALUE {{'id': ?, 'n': ?}}"
        update = f'UPDATE "{self._table}" SET n=? WHERE id=?'  # noqa: S608
        number, nowhere = {"N": "1"}, {"S": "nowhere"}
        with refused("TransactionCanceledException"):
            self._dynamodb.execute_transaction(
                TransactStatements=[
                    {"Statement": insert, "Parameters": [{"S": "taken back"}, number]},
                    {"Statement": update, "Parameters": [number, nowhere]},
                ]
            )


@pytest.mark.parametrize("seed", range(3))
def test_every_window_has_the_items_at_its_ends(aws: Account, seed: int) -> None:
    exporter = Exporter(aws)
    exporter.make_bucket()
    chance = random.Random(seed)  # noqa: S311
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=1)
    writer = Writer(aws, table, chance)
    states: list[tuple[datetime, State]] = []
    for _ in range(60):
        states.append((exporter.now(), writer.state()))
        aws.advance(30)
        writer.write()
        aws.advance(30)
    aws.advance(600)
    writer.write()

    for _ in range(12):
        first = chance.randrange(len(states) - 16)
        (since, before), (until, after) = states[first], states[chance.randrange(first + 16, 60)]
        ended = exporter.ended(exporter.start_incremental(table, since, until))
        records = by_key(exporter.records(ended))
        for key in before.keys() | after.keys():
            record = records.get(key)
            if record is None:
                assert before.get(key) == after.get(key)
            else:
                assert record.get("OldImage") == before.get(key)
                assert record.get("NewImage") == after.get(key)
        assert records.keys() <= before.keys() | after.keys()


def test_all_writes_of_a_transaction_are_of_one_instant(aws: Account) -> None:
    exporter = Exporter(aws)
    exporter.make_bucket()
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=1)
    puts = [{"Put": {"TableName": table, "Item": {"id": {"S": str(key)}}}} for key in range(50)]
    aws.dynamodb.transact_write_items(TransactItems=puts)
    aws.cloud.age(aws.arn(table), minutes=10)
    ended = exporter.ended(exporter.start_incremental(table, exporter.now() - 30 * MINUTE))
    records = exporter.records(ended)
    assert len(records) == 50
    assert len({record["Metadata"]["WriteTimestampMicros"]["N"] for record in records}) == 1


def test_what_was_rolled_back_was_never_written(aws: Account) -> None:
    exporter = Exporter(aws)
    exporter.make_bucket()
    table = aws.protected_table()
    aws.put(table, "item")
    aws.cloud.age(aws.arn(table), hours=1)
    update, key = f'UPDATE "{table}" SET n=? WHERE id=?', {"S": "item"}  # noqa: S608
    with refused("TransactionCanceledException"):
        aws.dynamodb.execute_transaction(
            TransactStatements=[
                {"Statement": update, "Parameters": [{"N": "1"}, key]},
                {"Statement": update, "Parameters": [{"N": "1"}, {"S": "nowhere"}]},
            ]
        )
    aws.cloud.age(aws.arn(table), minutes=10)
    ended = exporter.ended(exporter.start_incremental(table, exporter.now() - 30 * MINUTE))
    assert exporter.records(ended) == []


def test_each_write_is_told_with_whose_it_was(aws: Account) -> None:
    table = aws.protected_table()
    item, more = {"id": {"S": "a"}}, {"id": {"S": "a"}, "n": {"N": "1"}}
    for wanted in (item, more):
        aws.dynamodb.put_item(TableName=table, Item=wanted)
    with refused("ConditionalCheckFailedException"):
        aws.dynamodb.put_item(
            TableName=table, Item=item, ConditionExpression="attribute_not_exists(id)"
        )
    aws.dynamodb.delete_item(TableName=table, Key=item)
    aws.dynamodb.delete_item(TableName=table, Key=item)
    writes = aws.cloud.item_writes(aws.arn(table))
    told = [(write.before, write.after) for write in writes]
    assert told == [(None, item), (item, more), (more, None)]
    assert {write.caller for write in writes} == {f"arn:aws:iam::{aws.account_id}:root"}
    with pytest.raises(LookupError):
        aws.cloud.item_writes(aws.arn("nowhere"))


def test_what_expired_is_exported_as_deleted(aws: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = Exporter(aws)
    exporter.make_bucket()
    table = aws.protected_table()
    item = {"id": {"S": "old"}, "until": {"N": "1"}}
    aws.dynamodb.put_item(TableName=table, Item=item)
    aws.cloud.age(aws.arn(table), hours=1)
    aws.dynamodb.update_time_to_live(
        TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "until"}
    )
    sweep(monkeypatch)
    assert aws.items(table) == []
    aws.cloud.age(aws.arn(table), minutes=10)
    ended = exporter.ended(exporter.start_incremental(table, exporter.now() - 30 * MINUTE))
    [record] = exporter.records(ended)
    assert (record["OldImage"], record.get("NewImage")) == (item, None)


def sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """One round of MiniStack's sweeper of expired items, which comes every minute by itself."""
    store: Any = importlib.import_module("ministack.services.dynamodb")
    rounds = iter([None])
    paused = SimpleNamespace(sleep=lambda _: next(rounds), time=time.time)
    with monkeypatch.context() as patch:
        patch.setattr(store, "time", paused)
        with pytest.raises(StopIteration):
            store._ttl_reaper()

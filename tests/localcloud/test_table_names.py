"""Which tables a call names."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.dynamodb.table_names import (
    table_name,
    tables_named,
)

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"


@pytest.mark.parametrize(
    "named", ["orders", ARN, f"{ARN}/index/by-day", f"{ARN}/backup/01-a", f"{ARN}/stream/2026"]
)
def test_a_table_is_named_by_name_or_arn(named: str) -> None:
    assert table_name(named) == "orders"


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param({"TableName": ARN}, id="table"),
        pytest.param({"ResourceArn": ARN}, id="tag"),
        pytest.param({"RequestItems": {"orders": []}}, id="batch"),
        pytest.param({"TransactItems": [{"Put": {"TableName": "orders"}}]}, id="transaction"),
        pytest.param({"Statement": 'SELECT * FROM "orders"."by-day"'}, id="select"),
        pytest.param({"Statement": "insert into orders value {'id': '1'}"}, id="insert"),
        pytest.param({"Statements": [{"Statement": 'UPDATE "orders" SET a=1'}]}, id="statements"),
        pytest.param(
            {"TransactStatements": [{"Statement": 'DELETE FROM "orders"'}]},
            id="several",
        ),
        pytest.param({"TableCreationParameters": {"TableName": "orders"}}, id="import"),
    ],
)
def test_every_call_names_its_tables_somewhere(parameters: dict[str, Any]) -> None:
    assert tables_named(parameters) == {"orders"}


def test_a_restore_names_two() -> None:
    assert tables_named({"SourceTableArn": ARN, "TargetTableName": "restored"}) == {
        "orders",
        "restored",
    }

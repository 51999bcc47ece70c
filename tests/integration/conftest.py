"""AWS as moto simulates it, fresh for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from pitr_guardian.aws import clients
from pitr_guardian.wiring import (
    announce,
    enforce,
    restore,
    sweep,
)
from pitr_guardian.wiring.undo import (
    answering,
    applying,
    concluding,
    exporting,
    off,
    planning,
    receiving,
)
from tests.fakes.cloudtrail import REGION
from tests.integration.lambda_context import ACCOUNT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEDGER = "ledger"
UNDOS = (answering, applying, concluding, exporting, off, planning, receiving)


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account. What the functions keep between invocations is forgotten, too."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("ACCOUNT", ACCOUNT)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    # A session keeps nothing of AWS: each test takes the same.
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield
    for module in (clients, announce, enforce, restore, sweep, *UNDOS):
        for built in vars(module).values():
            if hasattr(built, "cache_clear"):
                built.cache_clear()


@pytest.fixture
def dynamodb() -> DynamoDBClient:
    return boto3.client("dynamodb", region_name=REGION)


@pytest.fixture
def ledger_table(dynamodb: DynamoDBClient) -> str:
    """The ledger's table, with the keys of the template."""
    dynamodb.create_table(
        TableName=LEDGER,
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    return LEDGER

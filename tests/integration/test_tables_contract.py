"""What ``ports.Tables`` promises, kept by the fake and, as far as moto goes, by the real adapter.

moto gives tables no id, knows no window that moves and refuses nothing on a table that isn't ready:
what AWS answers there is in ``test_tables_answers.py``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

import boto3
import pytest

from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.drift.ports import Tables
from pitr_guardian.tables.observation import Presence
from pitr_guardian.tables.reference import TableRef
from tests.fakes.clock import FakeClock
from tests.fakes.cloudtrail import REGION
from tests.fakes.tables import FakeTables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOTO_ACCOUNT = "123456789012"
ORDERS = TableRef("aws", MOTO_ACCOUNT, REGION, "orders")
REPLICA = ORDERS.replica_in("eu-west-1")


class Owner(Protocol):
    """What the owner of tables does to them."""

    def create(self, table: TableRef) -> None: ...
    def delete(self, table: TableRef) -> None: ...
    def switch_on(self, table: TableRef, period: int | None = None) -> None: ...
    def switch_off(self, table: TableRef) -> None: ...
    def set_tags(self, table: TableRef, **tags: str) -> None: ...


class MotoOwner:
    """The same, through DynamoDB's own API."""

    def create(self, table: TableRef) -> None:
        _client(table).create_table(
            TableName=table.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def delete(self, table: TableRef) -> None:
        _client(table).delete_table(TableName=table.name)

    def switch_on(self, table: TableRef, period: int | None = None) -> None:
        named = {} if period is None else {"RecoveryPeriodInDays": period}
        _client(table).update_continuous_backups(
            TableName=table.name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, **named},  # type: ignore[typeddict-item]
        )

    def switch_off(self, table: TableRef) -> None:
        _client(table).update_continuous_backups(
            TableName=table.name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
        )

    def set_tags(self, table: TableRef, **tags: str) -> None:
        _client(table).tag_resource(
            ResourceArn=table.arn,
            Tags=[
                {"Key": f"pitr-guardian:{key.replace('_', '-')}", "Value": value}
                for key, value in tags.items()
            ],
        )


def _client(table: TableRef) -> DynamoDBClient:
    return boto3.client("dynamodb", region_name=table.region)


@pytest.fixture(params=["fake", "dynamodb"])
def account(request: pytest.FixtureRequest) -> tuple[Tables, Owner]:
    if request.param == "fake":
        fake = FakeTables(FakeClock())
        return fake, fake
    return DynamoTables(
        lambda place: boto3.client("dynamodb", region_name=place.region)
    ), MotoOwner()


@pytest.fixture
def tables(account: tuple[Tables, Owner]) -> Tables:
    return account[0]


@pytest.fixture
def owner(account: tuple[Tables, Owner]) -> Owner:
    return account[1]


def test_a_table_that_does_not_exist_is_gone(tables: Tables) -> None:
    observed = tables.observe(ORDERS)
    assert observed.presence is Presence.GONE
    assert not observed.is_off


def test_a_new_table_is_ready_with_pitr_off(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    observed = tables.observe(ORDERS)
    assert observed.presence is Presence.READY
    assert observed.is_off
    assert (observed.pitr_on, observed.period, observed.window) == (False, None, None)
    assert observed.tags == {}


def test_a_tables_birth_is_told_in_utc(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    born = tables.observe(ORDERS).created_at
    assert isinstance(born, datetime)
    assert born.tzinfo is UTC


def test_enabling_switches_pitr_on_with_the_period(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    window = tables.enable(ORDERS, 7)
    observed = tables.observe(ORDERS)
    assert (observed.pitr_on, observed.period) == (True, 7)
    assert not observed.is_off
    assert window is not None
    assert observed.window is not None
    assert window.earliest <= window.latest
    assert window.earliest == observed.window.earliest


def test_enabling_again_changes_the_period_and_keeps_the_window(
    tables: Tables, owner: Owner
) -> None:
    owner.create(ORDERS)
    first = tables.enable(ORDERS, 7)
    again = tables.enable(ORDERS, 30)
    assert tables.observe(ORDERS).period == 30
    assert first is not None
    assert again is not None
    assert again.earliest == first.earliest


def test_what_owners_do_is_seen(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    owner.switch_on(ORDERS)
    assert tables.observe(ORDERS).period == 35
    owner.switch_on(ORDERS, 7)
    assert tables.observe(ORDERS).period == 7
    owner.switch_off(ORDERS)
    off = tables.observe(ORDERS)
    assert (off.is_off, off.period, off.window) == (True, None, None)


def test_tags_are_seen(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    owner.set_tags(ORDERS, exempt="2026-12-31", recovery_days="7")
    assert tables.observe(ORDERS).tags == {
        "pitr-guardian:exempt": "2026-12-31",
        "pitr-guardian:recovery-days": "7",
    }


def test_a_table_in_another_region_is_another_table(tables: Tables, owner: Owner) -> None:
    owner.create(ORDERS)
    owner.create(REPLICA)
    tables.enable(REPLICA, 7)
    assert tables.observe(REPLICA).period == 7
    assert tables.observe(ORDERS).is_off


def test_enabling_a_table_that_does_not_exist_is_to_be_tried_later(tables: Tables) -> None:
    with pytest.raises(TryLaterError, match="TableNotFoundException"):
        tables.enable(ORDERS, 7)

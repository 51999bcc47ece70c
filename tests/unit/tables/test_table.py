"""A table is an ARN, in whatever partition, and nothing else is one."""

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.tables.reference import (
    Home,
    InvalidTableError,
    TableRef,
)

HOME = Home("aws", "111122223333", "eu-central-1")
ORDERS = "arn:aws:dynamodb:eu-central-1:111122223333:table/orders"


@pytest.mark.parametrize(
    ("arn", "table"),
    [
        (ORDERS, TableRef("aws", "111122223333", "eu-central-1", "orders")),
        (
            "arn:aws-cn:dynamodb:cn-north-1:444455556666:table/a.b_c-D9",
            TableRef("aws-cn", "444455556666", "cn-north-1", "a.b_c-D9"),
        ),
        (
            "arn:aws-us-gov:dynamodb:us-gov-west-1:444455556666:table/abc",
            TableRef("aws-us-gov", "444455556666", "us-gov-west-1", "abc"),
        ),
    ],
)
def test_an_arn_names_account_region_and_table(arn: str, table: TableRef) -> None:
    assert TableRef.from_arn(arn) == table
    assert TableRef.parse(arn, HOME) == table
    assert table.arn == arn


def test_a_bare_name_is_looked_for_at_home() -> None:
    assert TableRef.parse("orders", HOME).arn == ORDERS


@pytest.mark.parametrize("name", ["abc", "a" * 255, "...", "a_b.c-9"])
def test_a_name_has_3_to_255_of_the_allowed_characters(name: str) -> None:
    assert TableRef.parse(name, HOME).name == name


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        "ab",
        "a" * 256,
        "with space",
        "orders\n",
        "\u043erders",  # Cyrillic o
        "orders$DeletedTableBackup",
        "table/orders",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/ab",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/orders\n",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/by-day",
        "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/stream/2026-10-05T00:00:00.000",
        "arn:aws:dynamodb:eu-central-1:1111:table/orders",
        "arn:aws:dynamodb::111122223333:table/orders",
        "arn:aws:dynamodb:eu-central-1:\u0661\u0661\u0661\u0661\u0662\u0662\u0662\u0662\u0663\u0663\u0663\u0663:table/orders",
        "arn:aws:dynamodb::111122223333:global-table/orders",
        "arn:aws:s3:::orders",
        "arn:evil:dynamodb:eu-central-1:111122223333:table/orders",
    ],
)
def test_anything_else_is_refused_and_named(nonsense: str) -> None:
    with pytest.raises(InvalidTableError) as refused:
        TableRef.parse(nonsense, HOME)
    assert repr(nonsense) in str(refused.value)


@given(st.from_regex(r"[A-Za-z0-9_.-]{3,255}", fullmatch=True))
def test_every_reference_survives_the_way_through_its_arn(name: str) -> None:
    table = TableRef.parse(name, HOME)
    assert TableRef.from_arn(table.arn) == table


def test_a_replica_is_the_same_table_in_another_region() -> None:
    replica = TableRef.from_arn(ORDERS).replica_in("eu-west-1")
    assert replica.arn == "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"


def test_a_person_reads_name_account_and_region() -> None:
    assert str(TableRef.from_arn(ORDERS)) == "orders (111122223333, eu-central-1)"

"""What a restore request may say, and what whoever got it wrong is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, strategies as st

from pitr_guardian.restore.request import (
    OPTIONAL,
    Billing,
    Encryption,
    InvalidRequestError,
    RestoreRequest,
    Setting,
    request_from,
    told_of,
)
from pitr_guardian.tables.reference import (
    Home,
    TableRef,
)
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import HOME

EVENT = "6a7e8feb-b491-4cf7-a9f1-bf3703467718"
LEAST = {"sourceTable": "orders", "targetTable": "orders-copy"}
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FIELDS = (
    "sourceTable",
    "targetTable",
    "restoreTo",
    "targetRegion",
    "indexes",
    "encryption",
    "billing",
    "settings",
    "requestId",
    "requestedBy",
    "reason",
    "dryRun",
)


def read(**fields: Any) -> RestoreRequest:
    return request_from({**LEAST, **fields}, EVENT, HOME)


def refusal(detail: dict[str, Any]) -> str:
    with pytest.raises(InvalidRequestError) as refused:
        request_from(detail, EVENT, HOME)
    return str(refused.value)


def test_a_source_and_a_target_are_enough() -> None:
    request = read()
    assert request.source(HOME) == ORDERS
    assert request.target(HOME) == TableRef("aws", ACCOUNT, REGION, "orders-copy")
    assert request.restore_to == "latest"
    assert request.instant is None
    assert not request.is_of_a_deleted_table
    assert request.indexes == "all"
    assert request.encryption is None
    assert request.billing is None
    assert all(request.asks_for(setting) for setting in Setting)
    assert request.request_id == EVENT
    assert request.requested_by is None
    assert request.reason is None
    assert not request.dry_run


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sourceTable", "Or.d_e-rs"),
        ("sourceTable", f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/orders"),
        ("targetTable", "abc"),
        ("targetTable", "A" * 255),
        ("restoreTo", "latest"),
        ("restoreTo", "deletion"),
        ("restoreTo", "2026-11-22T10:15:00Z"),
        ("restoreTo", f"arn:aws:dynamodb:{HOME.region}:{HOME.account}:table/orders/backup/01-ab"),
        ("restoreTo", "2026-11-22T10:15:00.123+05:30"),
        ("targetRegion", "us-east-1"),
        ("targetRegion", "ap-southeast-2"),
        ("indexes", "all"),
        ("indexes", "none"),
        ("indexes", []),
        ("indexes", ["by-date", "by-customer"]),
        ("encryption", {"type": "AWS_OWNED"}),
        ("encryption", {"type": "AWS_MANAGED"}),
        ("encryption", {"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY}),
        ("billing", {"mode": "PAY_PER_REQUEST"}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": 1, "writeCapacityUnits": 1}),
        ("settings", "all"),
        ("settings", "none"),
        ("settings", []),
        ("settings", sorted(OPTIONAL)),
        ("requestId", "r"),
        ("requestId", "Az09_-" * 10),
        ("requestedBy", "Anna Ångström <anna@example.com>"),
        ("requestedBy", None),
        ("reason", "x" * 1000),
        ("dryRun", True),
        ("dryRun", False),
    ],
)
def test_a_well_formed_field_is_taken_and_written_so_that_it_can_be_read_again(
    field: str, value: object
) -> None:
    written = read(**{field: value}).content()
    assert request_from(written, EVENT, HOME).content() == written


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sourceTable", ""),
        ("sourceTable", "ab"),
        ("sourceTable", "no spaces"),
        ("sourceTable", "arn:aws:s3:::bucket"),
        ("sourceTable", f"{ORDERS.arn}/stream/2026"),
        ("sourceTable", None),
        ("sourceTable", 5),
        ("targetTable", "ab"),
        ("targetTable", "a" * 256),
        ("targetTable", "orders-copy\n"),
        ("targetTable", f"{ORDERS.arn}-copy"),
        ("targetTable", "Bestellungen-für-morgen"),
        ("targetTable", None),
        ("restoreTo", "yesterday"),
        ("restoreTo", f"{ORDERS.arn}/backup/"),
        ("restoreTo", f"{ORDERS.arn}/backup/01\n"),
        ("restoreTo", f"{ORDERS.arn}/backup/../01"),
        ("restoreTo", ORDERS.arn),
        ("restoreTo", f"{ORDERS.arn}/export/01-ab"),
        ("restoreTo", "Latest"),
        ("restoreTo", "2026-11-22T10:15:00"),
        ("restoreTo", "2026-11-22"),
        ("restoreTo", "2026-02-30T10:15:00Z"),
        ("restoreTo", "0001-01-01T00:00:00+10:00"),
        ("restoreTo", 1763806500),
        ("restoreTo", None),
        ("targetRegion", "Frankfurt"),
        ("targetRegion", "eu-central-1a"),
        ("targetRegion", "eu-central-\u0661"),
        ("targetRegion", ""),
        ("indexes", "some"),
        ("indexes", ""),
        ("indexes", [1]),
        ("indexes", ["by-date", "not a name"]),
        ("indexes", {"by-date": True}),
        ("indexes", None),
        ("encryption", "AWS_OWNED"),
        ("encryption", {}),
        ("encryption", {"type": "KMS"}),
        ("encryption", {"type": "CUSTOMER_MANAGED"}),
        ("encryption", {"type": "CUSTOMER_MANAGED", "kmsKeyArn": None}),
        ("encryption", {"type": "CUSTOMER_MANAGED", "kmsKeyArn": "alias/orders"}),
        ("encryption", {"type": "CUSTOMER_MANAGED", "kms_key_arn": KEY}),
        ("encryption", {"type": "AWS_OWNED", "kmsKeyArn": KEY}),
        ("encryption", {"type": "AWS_MANAGED", "rotate": True}),
        ("billing", "PROVISIONED"),
        ("billing", {"mode": "ON_DEMAND"}),
        ("billing", {"mode": "PROVISIONED"}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": 5}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": 0, "writeCapacityUnits": 5}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": "5", "writeCapacityUnits": 5}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": 5.0, "writeCapacityUnits": 5}),
        ("billing", {"mode": "PROVISIONED", "readCapacityUnits": True, "writeCapacityUnits": 5}),
        ("billing", {"mode": "PAY_PER_REQUEST", "readCapacityUnits": 5}),
        ("settings", "tags"),
        ("settings", ["colour"]),
        ("settings", ["pitr"]),
        ("settings", ["lineage"]),
        ("settings", {"tags": True}),
        ("settings", None),
        ("requestId", ""),
        ("requestId", "r" * 65),
        ("requestId", "r 1"),
        ("requestId", "r/1"),
        ("requestId", 1),
        ("requestId", None),
        ("requestedBy", 7),
        ("requestedBy", "x" * 1001),
        ("reason", ["why", "not"]),
        ("reason", "x" * 1001),
        ("dryRun", "true"),
        ("dryRun", 1),
        ("dryRun", None),
    ],
)
def test_a_malformed_field_is_named_with_the_remedy(field: str, value: object) -> None:
    sentence = refusal({**LEAST, field: value})
    assert sentence.startswith(f"{field}: ")
    assert "; give " in sentence


@pytest.mark.parametrize("field", ["sourceTable", "targetTable"])
def test_a_missing_field_is_named_with_the_remedy(field: str) -> None:
    detail = {name: value for name, value in LEAST.items() if name != field}
    assert refusal(detail).startswith(f"{field}: missing; give ")


@pytest.mark.parametrize("field", ["source_table", "restoreto", "PITR", "", "dry_run"])
def test_an_unknown_field_is_named_with_those_there_are(field: str) -> None:
    sentence = refusal({**LEAST, field: "x"})
    assert sentence == f"{field}: no such field; the fields are {', '.join(FIELDS)}"


def test_fields_in_another_spelling_stand_for_nothing() -> None:
    sentence = refusal({"source_table": "orders", "target_table": "orders-copy"})
    for told in ("sourceTable: missing", "targetTable: missing", "source_table: no such field"):
        assert told in sentence


def test_every_fault_is_told_at_once() -> None:
    sentence = refusal({"sourceTable": "x y", "targetTable": "ab", "dryRun": "yes", "colour": 1})
    for field in ("targetTable: 'ab'", "dryRun: 'yes'", "colour: no such field"):
        assert field in sentence


def test_what_was_written_is_quoted_but_not_at_length() -> None:
    sentence = refusal({**LEAST, "indexes": {"x": "y" * 5000}})
    assert "yyy... is no good" in sentence
    assert len(sentence) < 300


def test_a_table_of_another_account_is_refused() -> None:
    foreign = TableRef("aws", "999900001111", REGION, "orders")
    assert refusal({**LEAST, "sourceTable": foreign.arn}) == (
        f"sourceTable: {foreign.arn} is not in this account ({ACCOUNT}, aws); AWS restores within "
        "an account only: send the request to that account's guardian"
    )


def test_a_name_and_a_region_are_of_the_stacks_partition() -> None:
    china = Home("aws-cn", ACCOUNT, "cn-north-1")
    granted = request_from({**LEAST, "targetRegion": "cn-northwest-1"}, EVENT, china)
    assert granted.target(china).arn.startswith("arn:aws-cn:dynamodb:cn-northwest-1:")


def test_an_arn_brings_its_region_and_the_target_stays_there() -> None:
    far = TableRef("aws", ACCOUNT, "us-east-1", "orders")
    request = read(sourceTable=far.arn)
    assert request.source(HOME) == far
    assert request.target(HOME).region == "us-east-1"
    assert read(sourceTable=far.arn, targetRegion=REGION).target(HOME).region == REGION


def test_an_instant_is_read_in_any_offset_to_the_second() -> None:
    request = read(restoreTo="2026-11-22T10:15:00.999+01:00")
    # DynamoDB keeps a restore point for each second.
    assert request.instant == datetime(2026, 11, 22, 9, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("all", OPTIONAL), ("none", set()), ([], set()), (["ttl", "tags"], {"ttl", "tags"})],
)
def test_only_settings_asked_for_are_put_back_but_pitr_and_lineage_always(
    asked: object, expected: set[str]
) -> None:
    request = read(settings=asked)
    assert {setting for setting in OPTIONAL if request.asks_for(setting)} == expected
    assert request.asks_for(Setting.PITR)
    assert request.asks_for(Setting.LINEAGE)


def test_encryption_and_billing_are_read_with_all_they_name() -> None:
    request = read(
        encryption={"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY},
        billing={"mode": "PROVISIONED", "readCapacityUnits": 7, "writeCapacityUnits": 9},
    )
    assert request.encryption == Encryption(type="CUSTOMER_MANAGED", kms_key_arn=KEY)
    assert request.billing == Billing(
        mode="PROVISIONED", read_capacity_units=7, write_capacity_units=9
    )


SPELT_OUT = {
    "restoreTo": "latest",
    "indexes": "all",
    "settings": "all",
    "requestId": EVENT,
    "dryRun": False,
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, SPELT_OUT),
        ({"restoreTo": "2026-11-22T10:15:00Z"}, {"restoreTo": "2026-11-22T11:15:00.000+01:00"}),
        ({"requestedBy": None}, {}),
    ],
)
def test_the_same_content_has_one_writing(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert read(**one).content() == read(**other).content()


@pytest.mark.parametrize(
    "other",
    [
        {"sourceTable": "invoices"},
        {"targetTable": "orders-2"},
        {"restoreTo": "deletion"},
        {"targetRegion": "us-east-1"},
        {"indexes": "none"},
        {"encryption": {"type": "AWS_OWNED"}},
        {"billing": {"mode": "PAY_PER_REQUEST"}},
        {"settings": ["tags"]},
        {"requestedBy": "somebody else"},
        {"reason": "another one"},
        {"dryRun": True},
    ],
)
def test_other_content_has_another_writing(other: dict[str, Any]) -> None:
    assert read().content() != read(**other).content()


def test_a_fact_tells_what_it_can_of_a_malformed_request() -> None:
    told = told_of({"sourceTable": 5, "targetTable": "x", "requestedBy": "anna"}, EVENT)
    assert told == {
        "sourceTable": None,
        "targetTable": "x",
        "restoreTo": "latest",
        "requestedBy": "anna",
        "reason": None,
        "requestId": EVENT,
    }
    assert told_of({"restoreTo": 7, "requestId": ""}, EVENT)["restoreTo"] is None
    assert told_of({"restoreTo": 7, "requestId": ""}, EVENT)["requestId"] == EVENT


TEXTS = st.text(st.characters()) | st.sampled_from(
    ["all", "none", "latest", "deletion", "orders", ORDERS.arn, KEY, "eu-central-1", "tags", EVENT]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(FIELDS) | TEXTS, ANYTHING))
def test_whatever_arrives_is_understood_or_refused_with_a_sentence(detail: dict[str, Any]) -> None:
    sentence = ""
    try:
        request_from(detail, EVENT, HOME)
    except InvalidRequestError as refused:
        sentence = str(refused)
    if sentence:
        assert ": " in sentence
        assert "; " in sentence
        assert any(name in sentence for name in (*FIELDS, *detail))
    told = told_of(detail, EVENT)
    assert all(value is None or isinstance(value, str) for value in told.values())


@given(st.sampled_from(FIELDS), ANYTHING)
def test_a_hostile_value_is_understood_or_its_field_named(field: str, value: object) -> None:
    sentence, content = "", {}
    try:
        content = request_from({**LEAST, field: value}, EVENT, HOME).content()
    except InvalidRequestError as refused:
        sentence = str(refused)
    if sentence:
        assert sentence.startswith(f"{field}: ")
        assert ";" in sentence
    else:
        assert request_from(content, EVENT, HOME).content() == content


# -- backups by their ARNs --------------------------------------------------------------------

BACKUP = f"{ORDERS.arn}/backup/01489602797149-73d8d5bc"


def test_a_backup_is_asked_for_by_its_arn() -> None:
    request = read(restoreTo=BACKUP)
    assert (request.backup_arn, request.instant) == (BACKUP, None)
    assert request.is_of_a_backup
    assert not request.is_of_a_deleted_table
    for other in ("latest", "deletion", "2026-11-22T10:15:00Z"):
        assert read(restoreTo=other).backup_arn is None


@pytest.mark.parametrize(
    "table",
    [
        TableRef("aws", ACCOUNT, REGION, "orders-2"),
        TableRef("aws", ACCOUNT, "us-east-1", "orders"),
        TableRef("aws", "999999999999", REGION, "orders"),
    ],
    ids=["name", "region", "account"],
)
def test_a_backup_of_another_table_is_refused_with_its_own(table: TableRef) -> None:
    backup = f"{table.arn}/backup/01"
    assert refusal({**LEAST, "restoreTo": backup}) == (
        f"restoreTo: the backup {backup} is not of {ORDERS.arn}; give its own table as "
        f"sourceTable, {table.arn}, or another backup"
    )


def test_a_recovery_point_of_aws_backup_is_refused_with_who_restores_it() -> None:
    point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:8a92c3f1-e475-4d9e-95e6-7c138f2d4b0b"
    assert refusal({**LEAST, "restoreTo": point}) == (
        "restoreTo: this is a recovery point in a vault of AWS Backup, which alone can restore it: "
        "call AWS Backup's StartRestoreJob with it"
    )

"""The one call that makes a restore: exactly these parameters, for each option and together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from pitr_guardian.restore.plan import (
    RestoreCall,
    encryption_of,
    key_stays_behind,
    restore_call,
)
from pitr_guardian.restore.request import request_from
from pitr_guardian.tables.definition import Definition
from tests.fakes.cloudtrail import ACCOUNT, ORDERS, REGION
from tests.fakes.restores import HOME, request

LATEST = {
    "TargetTableName": "orders-copy",
    "SourceTableArn": ORDERS.arn,
    "UseLatestRestorableTime": True,
}
BACKUP = f"{ORDERS.arn}/backup/01"
TARGET = replace(ORDERS, name="orders-copy")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/abc"
FAR = "us-east-1"
FAR_KEY = f"arn:aws:kms:{FAR}:{ACCOUNT}:key/def"

BY_DATE, BY_SIZE, BY_MOOD = (
    {
        "IndexName": name,
        "KeySchema": [{"AttributeName": name, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    for name in ("by-date", "by-size", "by-mood")
)
LIKENESS = {
    "IndexName": "by-likeness",
    "VectorAttribute": {"AttributeName": "embedding"},
    "Projection": {"ProjectionType": "ALL"},
    "Dimensions": 8,
    "DistanceFunction": "COSINE",
}
USED = {"ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}
NAMED = {"ProvisionedThroughput": {"ReadCapacityUnits": 7, "WriteCapacityUnits": 9}}
PLAIN = Definition(billing_mode="PAY_PER_REQUEST")
INDEXED = Definition(
    billing_mode="PAY_PER_REQUEST", global_indexes=(BY_DATE, BY_MOOD), local_indexes=(BY_SIZE,)
)
VECTORS = Definition(
    billing_mode="PAY_PER_REQUEST", global_indexes=(BY_DATE,), vector_indexes=(LIKENESS,)
)
PROVISIONED = Definition(global_indexes=({**BY_DATE, **USED}, {**BY_MOOD, **USED}))
PER_REQUEST = {"mode": "PAY_PER_REQUEST"}
BY_CAPACITY = {"mode": "PROVISIONED", "readCapacityUnits": 7, "writeCapacityUnits": 9}


def planned(
    definition: Definition = PLAIN, backup_arn: str | None = None, **fields: Any
) -> RestoreCall:
    asked = request_from(request(**fields), "event-1", HOME)
    return restore_call(asked, asked.source(HOME), asked.target(HOME), definition, backup_arn)


def overrides(definition: Definition = PLAIN, **fields: Any) -> dict[str, Any]:
    """The parameters of a restore to the latest instant, beyond what each has."""
    parameters = planned(definition, **fields).parameters
    assert LATEST.items() <= parameters.items()
    return {name: value for name, value in parameters.items() if name not in LATEST}


# -- what to restore --------------------------------------------------------------------------


def test_the_latest_instant_is_asked_for_and_nothing_else_said() -> None:
    assert planned() == RestoreCall("RestoreTableToPointInTime", TARGET, LATEST)


def test_an_instant_takes_the_place_of_the_latest() -> None:
    assert planned(restoreTo="2026-10-05T11:00:00+02:00").parameters == {
        "TargetTableName": "orders-copy",
        "SourceTableArn": ORDERS.arn,
        "RestoreDateTime": datetime(2026, 10, 5, 9, 0, 0, tzinfo=UTC),
    }


def test_a_deleted_table_comes_back_from_its_backup() -> None:
    call = planned(backup_arn=BACKUP, restoreTo="deletion")
    parameters = {"TargetTableName": "orders-copy", "BackupArn": BACKUP}
    assert call == RestoreCall("RestoreTableFromBackup", TARGET, parameters)


# -- indexes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ("all", {}),
        ("none", {"GlobalSecondaryIndexOverride": [], "LocalSecondaryIndexOverride": []}),
        ([], {"GlobalSecondaryIndexOverride": [], "LocalSecondaryIndexOverride": []}),
        (
            ["by-date"],
            {"GlobalSecondaryIndexOverride": [BY_DATE], "LocalSecondaryIndexOverride": []},
        ),
        (
            ["by-size"],
            {"GlobalSecondaryIndexOverride": [], "LocalSecondaryIndexOverride": [BY_SIZE]},
        ),
        (
            ["by-size", "by-mood", "by-date"],
            {
                "GlobalSecondaryIndexOverride": [BY_DATE, BY_MOOD],
                "LocalSecondaryIndexOverride": [BY_SIZE],
            },
        ),
    ],
)
def test_indexes_to_keep_are_named_as_the_source_defines_them(
    kept: object, expected: dict[str, Any]
) -> None:
    assert overrides(INDEXED, indexes=kept) == expected
    from_backup = planned(INDEXED, BACKUP, restoreTo="deletion", indexes=kept).parameters
    assert expected.items() <= from_backup.items()


@pytest.mark.parametrize("kept", ["all", "none", []])
def test_a_table_without_indexes_has_none_to_name(kept: object) -> None:
    assert overrides(PLAIN, indexes=kept) == {}


@pytest.mark.parametrize(
    ("kept", "secondary", "vector"),
    [
        ("none", [], []),
        (["by-date"], [BY_DATE], []),
        (["by-likeness"], [], [LIKENESS]),
        (["by-likeness", "by-date"], [BY_DATE], [LIKENESS]),
    ],
)
def test_vector_indexes_are_chosen_as_the_others_are(
    kept: object, secondary: list[Any], vector: list[Any]
) -> None:
    expected = {"GlobalSecondaryIndexOverride": secondary, "VectorIndexOverride": vector}
    assert overrides(VECTORS, indexes=kept) == expected
    from_backup = planned(VECTORS, BACKUP, restoreTo="deletion", indexes=kept).parameters
    assert expected.items() <= from_backup.items()


def test_all_vector_indexes_are_kept_by_not_naming_them() -> None:
    assert overrides(VECTORS, indexes="all") == {}
    billed = overrides(VECTORS, indexes="all", billing=BY_CAPACITY)
    assert "VectorIndexOverride" not in billed


def test_kept_indexes_keep_their_throughput() -> None:
    assert overrides(PROVISIONED, indexes=["by-date"]) == {
        "GlobalSecondaryIndexOverride": [{**BY_DATE, **USED}]
    }


# -- billing ----------------------------------------------------------------------------------


def test_per_request_is_named_without_throughput() -> None:
    assert overrides(PROVISIONED, billing=PER_REQUEST) == {"BillingModeOverride": "PAY_PER_REQUEST"}


def test_capacity_is_named_for_the_table() -> None:
    assert overrides(PLAIN, billing=BY_CAPACITY) == {
        "BillingModeOverride": "PROVISIONED",
        "ProvisionedThroughputOverride": NAMED["ProvisionedThroughput"],
    }


@pytest.mark.parametrize("definition", [INDEXED, PROVISIONED])
def test_capacity_is_named_for_every_global_index_and_for_no_local_one(
    definition: Definition,
) -> None:
    assert overrides(definition, billing=BY_CAPACITY) == {
        "BillingModeOverride": "PROVISIONED",
        "ProvisionedThroughputOverride": NAMED["ProvisionedThroughput"],
        "GlobalSecondaryIndexOverride": [{**BY_DATE, **NAMED}, {**BY_MOOD, **NAMED}],
    }


def test_kept_indexes_get_the_capacity_that_is_named() -> None:
    assert overrides(INDEXED, indexes=["by-mood", "by-size"], billing=BY_CAPACITY) == {
        "BillingModeOverride": "PROVISIONED",
        "ProvisionedThroughputOverride": NAMED["ProvisionedThroughput"],
        "GlobalSecondaryIndexOverride": [{**BY_MOOD, **NAMED}],
        "LocalSecondaryIndexOverride": [BY_SIZE],
    }


def test_kept_indexes_lose_their_throughput_where_requests_are_billed() -> None:
    assert overrides(PROVISIONED, indexes=["by-date"], billing=PER_REQUEST) == {
        "BillingModeOverride": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexOverride": [BY_DATE],
    }


# -- encryption -------------------------------------------------------------------------------

OWNED = {"Enabled": False}
MANAGED = {"Enabled": True, "SSEType": "KMS"}


@pytest.mark.parametrize(
    ("asked", "region", "expected"),
    [
        ({"type": "AWS_OWNED"}, REGION, OWNED),
        ({"type": "AWS_MANAGED"}, REGION, MANAGED),
        (
            {"type": "CUSTOMER_MANAGED", "kmsKeyArn": KEY},
            REGION,
            {**MANAGED, "KMSMasterKeyId": KEY},
        ),
        ({"type": "AWS_OWNED"}, FAR, OWNED),
        (
            {"type": "CUSTOMER_MANAGED", "kmsKeyArn": FAR_KEY},
            FAR,
            {**MANAGED, "KMSMasterKeyId": FAR_KEY},
        ),
    ],
)
@pytest.mark.parametrize("kept", ["AWS_OWNED", "AWS_MANAGED", "CUSTOMER_MANAGED"])
def test_encryption_that_is_asked_for_is_named(
    asked: dict[str, str], region: str, expected: dict[str, Any], kept: Any
) -> None:
    definition = Definition(encryption_type=kept, kms_key_arn=KEY)
    found = overrides(definition, encryption=asked, targetRegion=region)
    assert found == {"SSESpecificationOverride": expected}


@pytest.mark.parametrize("kept", ["AWS_OWNED", "AWS_MANAGED", "CUSTOMER_MANAGED"])
def test_within_the_region_the_sources_encryption_is_kept_without_naming_it(kept: Any) -> None:
    assert overrides(Definition(encryption_type=kept, kms_key_arn=KEY)) == {}


@pytest.mark.parametrize(
    ("kept", "expected", "left_behind"),
    [
        ("AWS_OWNED", OWNED, False),
        ("AWS_MANAGED", MANAGED, False),
        ("CUSTOMER_MANAGED", MANAGED, True),
    ],
)
def test_to_another_region_encryption_is_always_named_and_a_customers_key_stays(
    kept: Any, expected: dict[str, Any], left_behind: bool
) -> None:
    definition = Definition(encryption_type=kept, kms_key_arn=KEY)
    call = planned(definition, targetRegion=FAR)
    assert call.target.region == FAR
    assert call.parameters == {**LATEST, "SSESpecificationOverride": expected}
    asked = request_from(request(targetRegion=FAR), "event-1", HOME)
    there = asked.target(HOME)
    assert key_stays_behind(asked, ORDERS, there, definition) == left_behind
    assert encryption_of(asked, ORDERS, ORDERS, definition) is None


def test_a_key_that_is_replaced_on_request_does_not_stay_behind() -> None:
    definition = Definition(encryption_type="CUSTOMER_MANAGED", kms_key_arn=KEY)
    asked = request_from(
        request(targetRegion=FAR, encryption={"type": "AWS_OWNED"}), "event-1", HOME
    )
    assert not key_stays_behind(asked, ORDERS, asked.target(HOME), definition)


# -- all together -----------------------------------------------------------------------------


def every_call() -> Iterator[RestoreCall]:
    for definition, indexes, billing, encryption, region, restore_to in itertools.product(
        (PLAIN, INDEXED, PROVISIONED, VECTORS),
        ("all", "none", ["by-date"], ["by-likeness"]),
        (None, PER_REQUEST, BY_CAPACITY),
        (None, {"type": "AWS_OWNED"}, {"type": "AWS_MANAGED"}),
        (REGION, FAR),
        ("latest", "2026-10-05T09:00:00Z", "deletion"),
    ):
        fields = {"billing": billing, "encryption": encryption}
        yield planned(
            definition,
            BACKUP if restore_to == "deletion" else None,
            indexes=indexes,
            restoreTo=restore_to,
            targetRegion=region,
            **{name: value for name, value in fields.items() if value},
        )


def test_every_combination_is_a_call_that_aws_takes() -> None:
    model = botocore.session.get_session().get_service_model("dynamodb")
    for call in every_call():
        shape = model.operation_model(call.operation).input_shape
        assert shape is not None
        report = ParamValidator().validate(call.parameters, shape)
        assert not report.has_errors(), report.generate_report()
        assert {} not in call.parameters.values()  # AWS refuses an empty throughput
        instants = call.parameters.keys() & {"UseLatestRestorableTime", "RestoreDateTime"}
        assert len(instants) == (0 if call.operation == "RestoreTableFromBackup" else 1)
        if call.target.region == FAR:
            assert "SSESpecificationOverride" in call.parameters


def test_a_call_is_told_as_json_takes_it() -> None:
    call = planned(restoreTo="2026-10-05T11:00:00+02:00", indexes="none", definition=INDEXED)
    assert call.told() == {
        "operation": "RestoreTableToPointInTime",
        "region": REGION,
        "parameters": {
            "TargetTableName": "orders-copy",
            "SourceTableArn": ORDERS.arn,
            "RestoreDateTime": "2026-10-05T09:00:00.000Z",
            "GlobalSecondaryIndexOverride": [],
            "LocalSecondaryIndexOverride": [],
        },
    }

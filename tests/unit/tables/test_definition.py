"""What a table is made of, read from DynamoDB's descriptions of tables and of backups."""

from __future__ import annotations

from typing import Any

import pytest

from pitr_guardian.tables.definition import (
    Definition,
    definition_of,
    definition_of_backup,
)

KEY = "arn:aws:kms:eu-central-1:111122223333:key/abc"
KEYS = [{"AttributeName": "date", "KeyType": "HASH"}]
PROJECTION = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total"]}
DEFINED = {"IndexName": "by-date", "KeySchema": KEYS, "Projection": PROJECTION}
DESCRIBED = {
    **DEFINED,
    "IndexStatus": "ACTIVE",
    "IndexArn": "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/by-date",
    "IndexSizeBytes": 7,
    "ItemCount": 1,
    "ProvisionedThroughput": {
        "ReadCapacityUnits": 3,
        "WriteCapacityUnits": 4,
        "NumberOfDecreasesToday": 0,
    },
}
ON_DEMAND = {"BillingModeSummary": {"BillingMode": "PAY_PER_REQUEST"}}


def test_of_an_index_only_what_a_restore_takes_is_read() -> None:
    found = definition_of(
        {"GlobalSecondaryIndexes": [DESCRIBED], "TableSizeBytes": 12}, key_is_aws_managed=False
    )
    throughput = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}
    assert found.global_indexes == ({**DEFINED, "ProvisionedThroughput": throughput},)
    assert found.billing_mode == "PROVISIONED"
    assert found.size_in_bytes == 12


def test_an_index_billed_per_request_has_no_throughput() -> None:
    idle = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    table = {**ON_DEMAND, "GlobalSecondaryIndexes": [{**DESCRIBED, "ProvisionedThroughput": idle}]}
    found = definition_of(table, key_is_aws_managed=False)
    assert found.global_indexes == (DEFINED,)
    assert found.billing_mode == "PAY_PER_REQUEST"


def test_limits_of_an_index_billed_per_request_are_read() -> None:
    limits = {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50}
    table = {**ON_DEMAND, "GlobalSecondaryIndexes": [{**DEFINED, "OnDemandThroughput": limits}]}
    found = definition_of(table, key_is_aws_managed=False)
    assert found.global_indexes == ({**DEFINED, "OnDemandThroughput": limits},)


def test_local_indexes_are_read_too_and_all_names_are_known() -> None:
    local = {**DEFINED, "IndexName": "by-size", "IndexArn": "arn:...", "ItemCount": 0}
    table = {"GlobalSecondaryIndexes": [DESCRIBED], "LocalSecondaryIndexes": [local]}
    found = definition_of(table, key_is_aws_managed=False)
    assert found.local_indexes == ({**DEFINED, "IndexName": "by-size"},)
    assert found.index_names == ["by-date", "by-size"]


VECTOR = {
    "IndexName": "by-likeness",
    "VectorAttribute": {"AttributeName": "embedding"},
    "SearchSchema": [{"AttributeName": "shop", "SearchSchemaElementType": "HASH"}],
    "Projection": PROJECTION,
    "Dimensions": 1024,
    "DistanceFunction": "COSINE",
}


def test_vector_indexes_are_read_and_named_among_the_others() -> None:
    described = {**VECTOR, "IndexStatus": "ACTIVE", "IndexArn": "arn:...", "Backfilling": False}
    table = {"GlobalSecondaryIndexes": [DESCRIBED], "VectorIndexes": [described]}
    found = definition_of(table, key_is_aws_managed=False)
    assert found.vector_indexes == (VECTOR,)
    assert found.index_names == ["by-date", "by-likeness"]
    backup = {"SourceTableDetails": {}, "SourceTableFeatureDetails": table}
    assert definition_of_backup(backup, key_is_aws_managed=False) == found


def test_warm_throughput_is_left_out_since_an_override_must_not_have_it() -> None:
    warm = {"WarmThroughput": {"ReadUnitsPerSecond": 9000, "Status": "ACTIVE"}}
    table = {
        "GlobalSecondaryIndexes": [{**DESCRIBED, **warm}],
        "VectorIndexes": [{**VECTOR, **warm}],
    }
    found = definition_of(table, key_is_aws_managed=False)
    assert "WarmThroughput" not in {**found.global_indexes[0], **found.vector_indexes[0]}


@pytest.mark.parametrize(
    ("sse", "managed", "type_", "key"),
    [
        (None, False, "AWS_OWNED", None),
        ({"Status": "DISABLED"}, False, "AWS_OWNED", None),
        (
            {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
            True,
            "AWS_MANAGED",
            None,
        ),
        ({"Status": "ENABLED", "SSEType": "KMS"}, False, "AWS_MANAGED", None),
        (
            {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
            False,
            "CUSTOMER_MANAGED",
            KEY,
        ),
        (
            {"Status": "UPDATING", "SSEType": "KMS", "KMSMasterKeyArn": KEY},
            False,
            "CUSTOMER_MANAGED",
            KEY,
        ),
    ],
)
def test_encryption_is_one_of_three(
    sse: dict[str, Any] | None, managed: bool, type_: str, key: str | None
) -> None:
    table = {"SSEDescription": sse} if sse else {}
    found = definition_of(table, key_is_aws_managed=managed)
    assert (found.encryption_type, found.kms_key_arn) == (type_, key)
    backup = {"SourceTableDetails": {}, "SourceTableFeatureDetails": table}
    assert definition_of_backup(backup, key_is_aws_managed=managed) == found


def test_a_backup_tells_the_same_of_its_table() -> None:
    index = {key: value for key, value in DESCRIBED.items() if key != "ItemCount"}
    local = {**DEFINED, "IndexName": "by-size"}
    features = {"GlobalSecondaryIndexes": [index], "LocalSecondaryIndexes": [local]}
    backup = {
        "BackupDetails": {},
        "SourceTableDetails": {"BillingMode": "PROVISIONED", "TableSizeBytes": 12},
        "SourceTableFeatureDetails": features,
    }
    table = {**features, "TableSizeBytes": 12}
    assert definition_of_backup(backup, key_is_aws_managed=False) == definition_of(
        table, key_is_aws_managed=False
    )


def test_a_backup_without_features_is_a_plain_table() -> None:
    backup = {"SourceTableDetails": {"BillingMode": "PAY_PER_REQUEST"}}
    assert definition_of_backup(backup, key_is_aws_managed=False) == Definition(
        billing_mode="PAY_PER_REQUEST"
    )


def test_a_definition_survives_the_workflows_json() -> None:
    found = definition_of({"GlobalSecondaryIndexes": [DESCRIBED]}, key_is_aws_managed=False)
    assert Definition.model_validate(found.model_dump(by_alias=True, mode="json")) == found

"""Which table a restore makes: the CreateTable call that follows from source and overrides."""

from __future__ import annotations

from typing import Any

from localcloud.dynamodb.settings import vector_indexes
from localcloud.wire import (
    AwsError,
    Json,
)

_CAPACITY = ("ReadCapacityUnits", "WriteCapacityUnits")
_GLOBAL, _LOCAL = "GlobalSecondaryIndexes", "LocalSecondaryIndexes"


def create_table_call(source: Json, overrides: Json) -> Json:
    """Parameters of CreateTable.

    Carried over: keys, indexes, billing, throughput, encryption. Nothing else: no tags, stream,
    TTL, deletion protection, table class or policy.

    Args:
        source: the source's TableDescription.
        overrides: parameters of a restore call.

    Raises:
        AwsError: ValidationException, where an override doesn't fit the source.
    """
    billing = overrides.get("BillingModeOverride") or (source.get("BillingModeSummary") or {}).get(
        "BillingMode", "PROVISIONED"
    )
    provisioned = billing == "PROVISIONED"
    throughput = overrides.get("ProvisionedThroughputOverride")
    if throughput and not provisioned:
        raise _invalid("ProvisionedThroughputOverride doesn't go with PAY_PER_REQUEST")
    create: Json = {
        "TableName": overrides["TargetTableName"],
        "KeySchema": source["KeySchema"],
        "BillingMode": billing,
    }
    if provisioned:
        create["ProvisionedThroughput"] = _capacity(throughput or source["ProvisionedThroughput"])
    elif limits := overrides.get("OnDemandThroughputOverride") or source.get("OnDemandThroughput"):
        create["OnDemandThroughput"] = limits
    if encryption := _encryption(source, overrides):
        create["SSESpecification"] = encryption
    indexes = {
        _GLOBAL: _chosen(source.get(_GLOBAL), overrides, "GlobalSecondaryIndexOverride"),
        _LOCAL: _chosen(source.get(_LOCAL), overrides, "LocalSecondaryIndexOverride"),
    }
    for kind, chosen in indexes.items():
        if not chosen:
            continue
        create[kind] = [_definition(index) for index in chosen]
        if kind == _GLOBAL and provisioned:
            for definition, index in zip(create[kind], chosen, strict=True):
                given = index.get("ProvisionedThroughput") or {}
                definition["ProvisionedThroughput"] = (
                    _capacity(given) if given.get(_CAPACITY[0]) else create["ProvisionedThroughput"]
                )
    if vectors := vector_indexes.chosen(source, overrides):
        create[vector_indexes.FIELD] = vectors
    keys = [
        source["KeySchema"],
        *(index["KeySchema"] for kind in indexes.values() for index in kind),
    ]
    used = {element["AttributeName"] for schema in keys for element in schema}
    create["AttributeDefinitions"] = [
        attribute
        for attribute in source["AttributeDefinitions"]
        if attribute["AttributeName"] in used
    ]
    return create


def _chosen(existing: list[Json] | None, overrides: Json, parameter: str) -> list[Json]:
    """Left out: all of the source's indexes; an empty list: none; else a subset of them."""
    wanted: list[Json] | None = overrides.get(parameter)
    if wanted is None:
        return existing or []
    known = {index["IndexName"]: _comparable(index) for index in existing or []}
    for index in wanted:
        _refuse_warm_throughput(index, parameter)
        if known.get(index.get("IndexName", "")) != _comparable(index):
            raise _invalid(
                f"{parameter}: index {index.get('IndexName')} is not defined so at the source"
            )
    return wanted


def _refuse_warm_throughput(index: Json, parameter: str) -> None:
    """Raises: AwsError, as the API reference says of overrides of restores."""
    if "WarmThroughput" in index:
        raise _invalid(f"{parameter}: WarmThroughput is not supported in a restore")


def _definition(index: Json) -> Json:
    return {
        "IndexName": index["IndexName"],
        "KeySchema": index["KeySchema"],
        "Projection": index["Projection"],
    }


def _comparable(index: Json) -> tuple[Any, ...]:
    projection = index.get("Projection") or {}
    return (
        [(key["AttributeName"], key["KeyType"]) for key in index.get("KeySchema") or []],
        projection.get("ProjectionType"),
        frozenset(projection.get("NonKeyAttributes") or []),
    )


def _capacity(throughput: Json) -> Json:
    if not all(throughput.get(unit) for unit in _CAPACITY):
        raise _invalid("PROVISIONED billing needs a ProvisionedThroughputOverride here")
    return {unit: throughput[unit] for unit in _CAPACITY}


def _encryption(source: Json, overrides: Json) -> Json | None:
    override: Json | None = overrides.get("SSESpecificationOverride")
    if override is not None:
        return override if override.get("Enabled") else None
    existing = source.get("SSEDescription") or {}
    if existing.get("Status") != "ENABLED":
        return None
    return {
        "Enabled": True,
        "SSEType": existing["SSEType"],
        "KMSMasterKeyId": existing["KMSMasterKeyArn"],
    }


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", message)

"""What a table is made of, as far as a restore can change it; from a live table or a backup."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from pitr_guardian.basics.model import WireModel

IndexDefinition = dict[str, Any]
"""An index as AWS's override parameters take it: name, key schema, projection, throughput."""

_BOTH = ("IndexName", "KeySchema", "Projection")
# The members of `VectorIndex` in DynamoDB's service model, which no throughput is among.
_OF_VECTOR_INDEX = (
    *("IndexName", "VectorAttribute", "SearchSchema", "Projection"),
    *("Dimensions", "DistanceFunction"),
)
# Developer guide, "Understanding DynamoDB warm throughput": an on-demand table's, at the least.
_WARM_AT_BIRTH = {"Read": 12_000, "Write": 4_000}
_THROUGHPUT = ("ReadCapacityUnits", "WriteCapacityUnits")


class Definition(WireModel):
    """A table's indexes, billing and encryption, its key schema and its size in bytes."""

    global_indexes: tuple[IndexDefinition, ...] = ()
    local_indexes: tuple[IndexDefinition, ...] = ()
    vector_indexes: tuple[IndexDefinition, ...] = ()
    billing_mode: Literal["PROVISIONED", "PAY_PER_REQUEST"] = "PROVISIONED"
    encryption_type: Literal["AWS_OWNED", "AWS_MANAGED", "CUSTOMER_MANAGED"] = "AWS_OWNED"
    kms_key_arn: str | None = None
    size_in_bytes: int = Field(default=0, ge=0)
    replicas: tuple[str, ...] = ()
    """The regions of its replicas, which a restore doesn't make."""
    warmed: tuple[str, ...] = ()
    """What has more warm throughput than at birth: names of indexes, empty for the table."""

    @property
    def index_names(self) -> list[str]:
        """The names of all indexes, secondary and vector ones, sorted."""
        indexes = (*self.global_indexes, *self.local_indexes, *self.vector_indexes)
        return sorted(index["IndexName"] for index in indexes)


def definition_of(table: Mapping[str, Any], key_is_aws_managed: bool) -> Definition:
    """Read ``DescribeTable``'s answer.

    Args:
        table: its ``Table``.
        key_is_aws_managed: whether the KMS key it names, if any, is AWS's.
    """
    billing = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    return Definition(
        global_indexes=_indexes(table.get("GlobalSecondaryIndexes"), billing),
        local_indexes=_indexes(table.get("LocalSecondaryIndexes"), billing),
        vector_indexes=_vector_indexes(table.get("VectorIndexes")),
        billing_mode=billing,
        size_in_bytes=table.get("TableSizeBytes", 0),
        replicas=_replicas(table),
        warmed=_warmed(table),
        **_encryption(table.get("SSEDescription"), key_is_aws_managed),
    )


def definition_of_backup(backup: Mapping[str, Any], key_is_aws_managed: bool) -> Definition:
    """Read ``DescribeBackup``'s answer; arguments as above, with its ``BackupDescription``."""
    details = backup["SourceTableDetails"]
    features = backup.get("SourceTableFeatureDetails", {})
    billing = details.get("BillingMode", "PROVISIONED")
    return Definition(
        global_indexes=_indexes(features.get("GlobalSecondaryIndexes"), billing),
        local_indexes=_indexes(features.get("LocalSecondaryIndexes"), billing),
        vector_indexes=_vector_indexes(features.get("VectorIndexes")),
        billing_mode=billing,
        size_in_bytes=details.get("TableSizeBytes", 0),
        **_encryption(features.get("SSEDescription"), key_is_aws_managed),
    )


def _indexes(described: Sequence[Mapping[str, Any]] | None, billing: str) -> tuple[Any, ...]:
    return tuple(_index(index, billing) for index in described or ())


def _replicas(table: Mapping[str, Any]) -> tuple[str, ...]:
    own = table.get("TableArn", "").split(":")[3:4]
    regions = {replica.get("RegionName") for replica in table.get("Replicas", [])}
    return tuple(sorted(regions - {None, *own}))


def _warmed(table: Mapping[str, Any]) -> tuple[str, ...]:
    indexes = {index["IndexName"]: index for index in table.get("GlobalSecondaryIndexes", [])}
    return tuple(name for name, part in {"": table, **indexes}.items() if _is_warmed(part))


def _is_warmed(part: Mapping[str, Any]) -> bool:
    """Every table has some: what it is born with, or what is provisioned, whichever is more."""
    warm, provisioned = part.get("WarmThroughput", {}), part.get("ProvisionedThroughput", {})
    return any(
        warm.get(f"{kind}UnitsPerSecond", 0)
        > max(least, provisioned.get(f"{kind}CapacityUnits", 0))
        for kind, least in _WARM_AT_BIRTH.items()
    )


def _vector_indexes(described: Sequence[Mapping[str, Any]] | None) -> tuple[Any, ...]:
    return tuple(
        {key: index[key] for key in _OF_VECTOR_INDEX if key in index} for index in described or ()
    )


def _index(described: Mapping[str, Any], billing: str) -> IndexDefinition:
    # WarmThroughput isn't read: a restore refuses it inside an override (API reference).
    index = {key: described[key] for key in _BOTH if key in described}
    throughput = described.get("ProvisionedThroughput", {})
    if billing == "PROVISIONED" and throughput.get("ReadCapacityUnits"):
        index["ProvisionedThroughput"] = {key: throughput[key] for key in _THROUGHPUT}
    if billing == "PAY_PER_REQUEST" and described.get("OnDemandThroughput"):
        index["OnDemandThroughput"] = dict(described["OnDemandThroughput"])
    return index


def _encryption(description: Mapping[str, Any] | None, key_is_aws_managed: bool) -> dict[str, Any]:
    """A table without ``SSEDescription`` has the key that DynamoDB owns (API reference)."""
    if not description or description.get("Status") in ("DISABLED", "DISABLING"):
        return {"encryption_type": "AWS_OWNED"}
    key = description.get("KMSMasterKeyArn")
    if key is None or key_is_aws_managed:
        return {"encryption_type": "AWS_MANAGED"}
    return {"encryption_type": "CUSTOMER_MANAGED", "kms_key_arn": key}

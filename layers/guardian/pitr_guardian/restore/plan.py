"""The one call that makes a restore, worked out from the request and the source's definition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pitr_guardian.basics.instants import iso
from pitr_guardian.restore.request import (
    Encryption,
    RestoreRequest,
)
from pitr_guardian.tables.definition import (
    Definition,
    IndexDefinition,
)
from pitr_guardian.tables.reference import TableRef

Operation = Literal["RestoreTableToPointInTime", "RestoreTableFromBackup"]


@dataclass(frozen=True, slots=True)
class RestoreCall:
    """An API call: the operation, the table it makes (and so where), and its parameters."""

    operation: Operation
    target: TableRef
    parameters: dict[str, Any]

    def told(self) -> dict[str, Any]:
        """The call as JSON takes it."""
        parameters = {
            name: iso(value) if isinstance(value, datetime) else value
            for name, value in self.parameters.items()
        }
        return {
            "operation": self.operation,
            "region": self.target.region,
            "parameters": parameters,
        }


def restore_call(
    request: RestoreRequest,
    source: TableRef,
    target: TableRef,
    definition: Definition,
    backup_arn: str | None,
) -> RestoreCall:
    """Work out the call.

    Args:
        request: the request.
        source: its source.
        target: its target.
        definition: the source's definition.
        backup_arn: the backup to restore; None for an instant of the source's window.
    """
    parameters: dict[str, Any] = {"TargetTableName": target.name}
    operation: Operation = "RestoreTableToPointInTime"
    if backup_arn is not None:
        operation = "RestoreTableFromBackup"
        parameters["BackupArn"] = backup_arn
    else:
        # The ARN, not the name: it is the only one that works from another region.
        parameters["SourceTableArn"] = source.arn
        if request.instant is None:
            parameters["UseLatestRestorableTime"] = True
        else:
            parameters["RestoreDateTime"] = request.instant
    parameters |= _indexes(request, definition)
    parameters |= _billing(request)
    encryption = encryption_of(request, source, target, definition)
    if encryption is not None:
        parameters["SSESpecificationOverride"] = _sse(encryption)
    return RestoreCall(operation, target, parameters)


def encryption_of(
    request: RestoreRequest, source: TableRef, target: TableRef, definition: Definition
) -> Encryption | None:
    """Tell the encryption to name; None where the source's is kept without naming it.

    Another region always wants it named, and a customer's key stays where it is: AWS's own key for
    DynamoDB takes its place there.
    """
    if request.encryption is not None:
        return request.encryption
    if source.region == target.region:
        return None
    kept = definition.encryption_type
    return Encryption(type="AWS_MANAGED" if kept == "CUSTOMER_MANAGED" else kept)


def key_stays_behind(
    request: RestoreRequest, source: TableRef, target: TableRef, definition: Definition
) -> bool:
    """Tell whether the source's customer key can't go along to the target's region."""
    return (
        request.encryption is None
        and source.region != target.region
        and definition.encryption_type == "CUSTOMER_MANAGED"
    )


def _indexes(request: RestoreRequest, definition: Definition) -> dict[str, Any]:
    """Left out, AWS keeps all indexes; named, it keeps those, and each as the source defines it."""
    provisioned = request.billing is not None and request.billing.mode == "PROVISIONED"
    if request.indexes == "all" and not (provisioned and definition.global_indexes):
        return {}
    global_indexes = _kept(request, definition.global_indexes)
    if request.billing is not None:
        throughput = _throughput(request)
        global_indexes = [_with_throughput(index, throughput) for index in global_indexes]
    overrides: dict[str, Any] = {}
    if definition.global_indexes:
        overrides["GlobalSecondaryIndexOverride"] = global_indexes
    if definition.local_indexes and request.indexes != "all":
        overrides["LocalSecondaryIndexOverride"] = _kept(request, definition.local_indexes)
    if definition.vector_indexes and request.indexes != "all":
        overrides["VectorIndexOverride"] = _kept(request, definition.vector_indexes)
    return overrides


def _kept(request: RestoreRequest, indexes: Sequence[IndexDefinition]) -> list[IndexDefinition]:
    if request.indexes == "all":
        return list(indexes)
    named = () if request.indexes == "none" else request.indexes
    return [index for index in indexes if index["IndexName"] in named]


def _with_throughput(index: IndexDefinition, throughput: dict[str, Any]) -> IndexDefinition:
    billed = ("ProvisionedThroughput", "OnDemandThroughput")
    return {key: value for key, value in index.items() if key not in billed} | throughput


def _billing(request: RestoreRequest) -> dict[str, Any]:
    if request.billing is None:
        return {}
    override = {"BillingModeOverride": request.billing.mode}
    throughput = _throughput(request).get("ProvisionedThroughput")
    return override | ({"ProvisionedThroughputOverride": throughput} if throughput else {})


def _throughput(request: RestoreRequest) -> dict[str, Any]:
    billing = request.billing
    if billing is None or billing.mode != "PROVISIONED":
        return {}
    return {
        "ProvisionedThroughput": {
            "ReadCapacityUnits": billing.read_capacity_units,
            "WriteCapacityUnits": billing.write_capacity_units,
        }
    }


def _sse(encryption: Encryption) -> dict[str, Any]:
    if encryption.type == "AWS_OWNED":
        return {"Enabled": False}
    if encryption.type == "AWS_MANAGED":
        return {"Enabled": True, "SSEType": "KMS"}
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": encryption.kms_key_arn}

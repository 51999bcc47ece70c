"""Which key encrypts a table."""

from __future__ import annotations

from localcloud.ministack import rights
from localcloud.ministack.internals import Engine
from localcloud.ministack.keys import MANAGED_ALIAS
from localcloud.wire import (
    AwsError,
    Call,
    Json,
)

_RIGHTS_ON_KEY = ("kms:DescribeKey", "kms:CreateGrant")


def checked(engine: Engine, call: Call, specification: Json | None) -> Json | None:
    """The SSESpecification with its key as an ARN; None: the AWS-owned key.

    Raises:
        AwsError: ValidationException, where the key isn't one of this region that can be used;
            AccessDeniedException, where the caller may not use it.
    """
    if not specification or not specification.get("Enabled"):
        return None
    kind, named = specification.get("SSEType"), specification.get("KMSMasterKeyId")
    if kind not in {None, "KMS"}:
        raise _invalid("The only valid SSEType is KMS")
    if named and kind is None:
        raise _invalid("SSEType KMS is required if KMSMasterKeyId is specified")
    key = engine.keys.find(str(named or MANAGED_ALIAS))
    if key is None:
        raise _invalid(f"KMS validation error: Key '{named}' does not exist in {call.region}")
    if key["KeyState"] != "Enabled":
        raise _invalid(f"KMS validation error: {key['Arn']} is {key['KeyState']}")
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        raise _invalid(f"KMS validation error: {key['Arn']} is not a symmetric key")
    if key["KeyManager"] == "CUSTOMER":
        rights.require(engine, call, _RIGHTS_ON_KEY, key["Arn"])
    return {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["Arn"]}


def in_call(engine: Engine, call: Call) -> Json:
    """The parameters of CreateTable or UpdateTable, with the key checked if they name one."""
    if "SSESpecification" not in call.parameters:
        return call.parameters
    found = checked(engine, call, call.parameters["SSESpecification"])
    return {**call.parameters, "SSESpecification": found or {"Enabled": False}}


def describe(engine: Engine, description: Json) -> None:
    """Say of a table's encryption what AWS says: nothing of the AWS-owned key, else a key's ARN."""
    encryption = description.get("SSEDescription") or {}
    if encryption.get("Status") != "ENABLED":
        description.pop("SSEDescription", None)
    elif arn := engine.keys.arn(encryption.get("KMSMasterKeyArn", "")):
        description["SSEDescription"] = {**encryption, "KMSMasterKeyArn": arn}


def is_out_of_reach(engine: Engine, description: Json) -> bool:
    """Whether the key of a described table can't be used any more: nobody can read the table."""
    arn = description.get("SSEDescription", {}).get("KMSMasterKeyArn")
    key = engine.keys.find(arn) if arn else None
    return key is not None and key["KeyState"] != "Enabled"


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationException", f"One or more parameter values were invalid: {message}")

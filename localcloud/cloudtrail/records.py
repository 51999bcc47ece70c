"""The CloudTrail record of an API call, in CloudTrail's own casing."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from localcloud.dynamodb.table_names import table_name
from localcloud.wire import (
    Answer,
    Call,
    Json,
)

# The management calls of DynamoDB that change something; CloudTrail sends no read-only call to
# EventBridge, and item operations only to trails with data events.
MANAGEMENT_WRITES = frozenset(
    {
        "CreateBackup",
        "CreateGlobalTable",
        "CreateTable",
        "DeleteBackup",
        "DeleteResourcePolicy",
        "DeleteTable",
        "DisableKinesisStreamingDestination",
        "EnableKinesisStreamingDestination",
        "ExportTableToPointInTime",
        "ImportTable",
        "PutResourcePolicy",
        "RestoreTableFromBackup",
        "RestoreTableToPointInTime",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateContributorInsights",
        "UpdateGlobalTable",
        "UpdateGlobalTableSettings",
        "UpdateKinesisStreamingDestination",
        "UpdateTable",
        "UpdateTableReplicaAutoScaling",
        "UpdateTimeToLive",
    }
)

_TIMES = ("DateTime", "StartTime", "EndTime", "ExportTime", "ExportFromTime", "ExportToTime")

# Nobody known made these calls, so no account's trail has them.
_NOT_AUTHENTICATED = frozenset(
    {
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "InvalidToken",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    }
)


def is_recorded(call: Call, answer: Answer) -> bool:
    """Whether a trail of management events has this call."""
    return (
        call.service == "dynamodb"
        and call.operation in MANAGEMENT_WRITES
        and answer.error_code not in _NOT_AUTHENTICATED
    )


def record(call: Call, answer: Answer, user_identity: Json, at: datetime) -> Json:
    """The record under an event's `detail`. `at`: when the call was made."""
    code = answer.error_code
    denied = code in {"AccessDeniedException", "AccessDenied"}
    refusal: Json = {}
    if code:
        refusal = {
            # CloudTrail's name for it, whatever the service's exception is called.
            "errorCode": "AccessDenied" if denied else code,
            "errorMessage": answer.error_message,
        }
    invoked_by = user_identity.get("invokedBy")
    return {
        "eventVersion": "1.11",
        "userIdentity": user_identity,
        "eventTime": _iso(at),
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": call.region,
        "sourceIPAddress": invoked_by or "127.0.0.1",
        "userAgent": invoked_by or call.user_agent,
        **refusal,
        # A call that was denied isn't looked into.
        "requestParameters": None if denied else in_cloudtrail_casing(call.parameters),
        "responseElements": None if code else in_cloudtrail_casing(answer.body) or None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "resources": _resources(call, answer),
        "eventType": "AwsApiCall",
        "apiVersion": "2012-08-10",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }


def in_cloudtrail_casing(value: Any, name: str = "") -> Any:
    """Lower the first letter of each key, and only that: `SSEType` becomes `sSEType`.

    Timestamps, numbers on the wire, become ISO 8601 in UTC.
    """
    if isinstance(value, dict):
        return {
            key[:1].lower() + key[1:]: in_cloudtrail_casing(inner, key)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [in_cloudtrail_casing(inner) for inner in value]
    if isinstance(value, int | float) and name.endswith(_TIMES):
        return _iso(datetime.fromtimestamp(value, UTC))
    return value


def _resources(call: Call, answer: Answer) -> list[Json]:
    parameters = call.parameters
    named = [
        parameters.get(field)
        for field in (
            "TableName",
            "SourceTableName",
            "SourceTableArn",
            "TargetTableName",
            "ResourceArn",
            "TableArn",
        )
    ]
    named.append((parameters.get("TableCreationParameters") or {}).get("TableName"))
    if source := answer.body.get("BackupDescription", {}).get("SourceTableDetails"):
        named.append(source.get("TableArn"))
    home = f"arn:aws:dynamodb:{call.region}:{call.account}:table/"
    arns = [
        value if value.startswith("arn:") else home + table_name(value)
        for value in named
        if isinstance(value, str) and value
    ]
    return [
        {"accountId": call.account, "type": "AWS::DynamoDB::Table", "ARN": arn}
        for arn in dict.fromkeys(arns)
    ]


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

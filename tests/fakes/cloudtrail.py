"""CloudTrail records as EventBridge delivers them: real casing, real gaps."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pitr_guardian.tables.reference import TableRef

ACCOUNT = "111122223333"
REGION = "eu-central-1"
ORDERS = TableRef("aws", ACCOUNT, REGION, "orders")

ALICE = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "arn": f"arn:aws:iam::{ACCOUNT}:user/alice",
    "accountId": ACCOUNT,
    "userName": "alice",
}

_ids = itertools.count(1)


def record(
    call: str,
    parameters: Mapping[str, Any] | None,
    time: datetime | str = "2026-10-05T09:00:00Z",
    **others: Any,
) -> dict[str, Any]:
    """One record; its time is in whole seconds, as CloudTrail's are. ``None`` takes a field out."""
    written = time if isinstance(time, str) else time.strftime("%Y-%m-%dT%H:%M:%SZ")
    fields: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": ALICE,
        "eventTime": written,
        "eventSource": "dynamodb.amazonaws.com",
        "eventName": call,
        "awsRegion": REGION,
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/linux lang/python#3.13.7",
        "requestParameters": parameters,
        "responseElements": None,
        "requestID": "EXAMPLE",
        "eventID": f"event-{next(_ids)}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
    } | others
    return {name: value for name, value in fields.items() if value is not None}


def switched_off(table: str, **others: Any) -> dict[str, Any]:
    return _switched(table, {"pointInTimeRecoveryEnabled": False}, **others)


def switched_on(table: str, period: int | None = None, **others: Any) -> dict[str, Any]:
    named = {} if period is None else {"recoveryPeriodInDays": period}
    return _switched(table, {"pointInTimeRecoveryEnabled": True, **named}, **others)


def created(table: str, **others: Any) -> dict[str, Any]:
    return record("CreateTable", {"tableName": table, "billingMode": "PAY_PER_REQUEST"}, **others)


def message(detail: Mapping[str, Any]) -> str:
    """The body that EventBridge puts on the queue."""
    return json.dumps(
        {
            "version": "0",
            "id": "7bf73129-1428-4cd3-a780-95db273d1602",
            "detail-type": "AWS API Call via CloudTrail",
            "source": "aws.dynamodb",
            "account": detail.get("recipientAccountId", ACCOUNT),
            "time": "2026-10-05T09:00:03Z",
            "region": REGION,
            "resources": [],
            "detail": detail,
        }
    )


def _switched(table: str, specification: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    return record(
        "UpdateContinuousBackups",
        {"tableName": table, "pointInTimeRecoverySpecification": specification},
        **others,
    )

"""An AWS account of moto's in this process, in which one table stands for all."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import boto3
import moto
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

from benchmarks.front.http import Answer, Request
from benchmarks.front.ledger import Ledger
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.drift.memory import Memory
from pitr_guardian.tables.observation import Window
from pitr_guardian.tables.reference import TableRef

REGION = "us-east-1"
ACCOUNT = "123456789012"
LEDGER, QUEUE, BUCKET = "guardian-ledger", "enforcement", "reports"
STANDING_FOR_ALL = "table-00000"
OFF = "table-off"  # stands for all whose PITR is off
BUS = "facts"

_KEEP = {"content-type", "etag", "last-modified"}


def name_of(number: int) -> str:
    return f"table-{number:05}"


class Account:
    """What moto says, asked in the process instead of through a server of its own."""

    def __init__(self) -> None:
        moto.mock_aws().start()
        dynamodb: Any = boto3.client("dynamodb", region_name=REGION)
        for name, keys in ((STANDING_FOR_ALL, ["id"]), (OFF, ["id"]), (LEDGER, ["pk", "sk"])):
            dynamodb.create_table(
                TableName=name,
                KeySchema=[
                    {"AttributeName": key, "KeyType": kind}
                    for key, kind in zip(keys, ["HASH", "RANGE"], strict=False)
                ],
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        dynamodb.update_continuous_backups(
            TableName=STANDING_FOR_ALL,
            PointInTimeRecoverySpecification={
                "PointInTimeRecoveryEnabled": True,
                "RecoveryPeriodInDays": 35,
            },
        )
        self._remember(dynamodb)
        self._ledger = Ledger(ACCOUNT, REGION, LEDGER)
        boto3.client("events", region_name=REGION).create_event_bus(Name=BUS)
        boto3.client("s3", region_name=REGION).create_bucket(Bucket=BUCKET)

    def _remember(self, dynamodb: Any) -> None:
        """Let the ledger know the table, as it does when nothing has happened for long."""
        described = dynamodb.describe_table(TableName=STANDING_FOR_ALL)["Table"]
        now = datetime.now(UTC)
        memory = Memory(
            table_id="0b6d3f0e-9a49-4c0e-8f4a-5d1c2e7a9b10",  # AWS tells one, moto does not
            period=35,
            window=Window(described["CreationDateTime"], now),
            seen_on_at=now,
            seen_period=35,
            born_at=described["CreationDateTime"],
        )
        table = TableRef.from_arn(described["TableArn"])
        DynamoLedger(dynamodb, LEDGER).remember(table, memory)

    def answer(self, request: Request, body: bytes | None = None) -> Answer:
        """What moto answers to a request, or to the same with another body."""
        scope = request.headers["authorization"].partition("Credential=")[2].split("/")
        service = "tagging" if scope[3] == "resourcegroupstaggingapi" else scope[3]
        headers = HTTPHeaders()
        for name, value in request.headers.items():
            headers[name] = value
        prepared = AWSPreparedRequest(
            method=request.method,
            url=f"https://{service}.{REGION}.amazonaws.com{request.path}",
            headers=headers,
            body=request.body if body is None else body,
            stream_output=False,
        )
        with self._ledger.seen_by(request):
            status, answered, text = botocore_stubber.process_request(prepared)  # type: ignore[misc]
        kept = {name: value for name, value in answered.items() if name.lower() in _KEEP}
        return int(status), kept, text.encode() if isinstance(text, str) else text or b""


def refusal(code: str, message: str) -> Answer:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message})
    return 400, {"Content-Type": "application/x-amz-json-1.0"}, body.encode()

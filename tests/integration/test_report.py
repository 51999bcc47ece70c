"""The report function: from part files and the ledger to the files in the bucket."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from pydantic import ValidationError

from functions.report.report import handler
from pitr_guardian.aws.ledger.history import LedgerHistory
from pitr_guardian.aws.ledger.tables import DynamoLedger
from pitr_guardian.aws.report.bucket import ReportBucket
from pitr_guardian.basics.instants import (
    iso,
    utc_now,
)
from pitr_guardian.drift.memory import Memory
from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    Exposure,
    LostWindow,
    PitrReenabled,
    TableId,
)
from pitr_guardian.report.history import (
    EXPOSURES,
    Item,
)
from pitr_guardian.report.sweep import Sweep
from tests.fakes.cloudtrail import ORDERS, REGION
from tests.fakes.reports import (
    ACCOUNT,
    drift,
    drifted,
    drill,
    incident,
    part,
    restore,
    row,
    under_way,
)
from tests.integration.lambda_context import lambda_context

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

BUCKET = "reports-of-the-guardian"
SWEEP = {
    "sweepId": "sweep-1",
    "startedAt": "2026-11-22T10:00:00.000Z",
    "regions": [{"region": REGION, "checked": 2, "compliant": 1, "drifted": 1}],
}


@pytest.fixture
def s3() -> S3Client:
    return boto3.client("s3", region_name=REGION)


@pytest.fixture
def bucket(s3: S3Client) -> str:
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return BUCKET


@pytest.fixture
def environment(bucket: str, ledger_table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REPORT_BUCKET", bucket)
    monkeypatch.setenv("LEDGER_TABLE", ledger_table)


def done(s3: S3Client) -> dict[str, str]:
    """A sweep whose sum is kept, as the workflow names it."""
    ReportBucket(s3, BUCKET).keep_sweep(Sweep.model_validate(SWEEP))
    return {"sweepId": "sweep-1"}


def put_part(s3: S3Client, *rows: dict[str, Any], number: int = 0) -> None:
    key, body = part(*rows, number=number)
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def put(dynamodb: DynamoDBClient, ledger: str, pk: str, sk: str, item: Item) -> None:
    texts = {name: {"S": value} for name, value in {**item, "pk": pk, "sk": sk}.items()}
    dynamodb.put_item(TableName=ledger, Item={**texts, "expiresAt": {"N": "1"}})


def read(s3: S3Client, key: str) -> str:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()


def reenabled(now: datetime) -> PitrReenabled:
    return PitrReenabled(
        id="fact-1",
        time=now,
        severity="warning",
        reason="PITR was off.",
        table=TableId.of(ORDERS),
        actor=Actor(arn="arn:aws:iam::111122223333:user/alice", user_agent="<b>curl</b>"),
        recovery_period_in_days=35,
        exposure=Exposure(from_=now - timedelta(seconds=42), to=now, seconds=42.0),
        lost_window=LostWindow(earliest=now - timedelta(days=3), latest=now),
    )


@pytest.mark.usefixtures("environment")
def test_a_sweep_becomes_a_page_and_data(
    s3: S3Client, dynamodb: DynamoDBClient, ledger_table: str
) -> None:
    put_part(s3, row("Orders"))
    put_part(s3, drifted("Carts"), number=1)
    ledger = DynamoLedger(dynamodb, ledger_table)
    ledger.settle(ORDERS, Memory(table_id="id-1", period=35), reenabled(utc_now()))
    put(dynamodb, ledger_table, "restore#r-2", "restore", under_way())
    answer = handler(done(s3), lambda_context())
    assert answer == {"reportUri": f"s3://{BUCKET}/reports/sweep-1/report.html"}
    data = json.loads(read(s3, "latest/report.json"))
    assert [table["name"] for table in data["tables"]] == ["Carts", "Orders"]
    assert data["summary"]["protected"] == 1
    [exposure] = data["exposures"]
    assert exposure["exposure"]["seconds"] == 42
    assert data["restores"][0]["outcome"] is None
    assert data["notes"] == []
    page = read(s3, "reports/sweep-1/report.html")
    assert "1 of 2 tables protected" in page
    assert "user/alice" in page
    assert "<b>curl</b>" not in page
    lines = list(csv.DictReader(io.StringIO(read(s3, "latest/report.csv"))))
    assert [line["status"] for line in lines] == ["drifted", "protected"]


@pytest.mark.usefixtures("environment")
def test_each_file_says_what_it_is_and_that_there_will_be_a_newer_one(s3: S3Client) -> None:
    put_part(s3, row())
    handler(done(s3), lambda_context())
    for folder in ("latest", "reports/sweep-1"):
        for name, content_type in (
            ("report.html", "text/html; charset=utf-8"),
            ("report.json", "application/json"),
            ("report.csv", "text/csv; charset=utf-8; header=present"),
        ):
            head = s3.head_object(Bucket=BUCKET, Key=f"{folder}/{name}")
            assert head["ContentType"] == content_type
            assert head["CacheControl"] == "no-cache"


@pytest.mark.usefixtures("environment")
def test_an_event_that_is_no_sweep_is_refused(s3: S3Client) -> None:
    with pytest.raises(ValidationError):
        handler({"sweepId": "a/b"}, lambda_context())
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0


def test_a_sweep_of_many_parts_is_read_in_their_order(s3: S3Client, bucket: str) -> None:
    for number in range(1_100):  # more than one page of keys
        put_part(s3, number=number)
    s3.put_object(Bucket=bucket, Key="sweeps/sweep-10/parts/1/eu-west-1/0000.json", Body=b"[]")
    keys = [each.key for each in ReportBucket(s3, bucket).parts_of("sweep-1")]
    assert keys == [
        f"sweeps/sweep-1/parts/{ACCOUNT}/{REGION}/{number:04}.json" for number in range(1_100)
    ]


def test_the_past_is_what_was_asked_for(dynamodb: DynamoDBClient, ledger_table: str) -> None:
    now = utc_now()
    since = now - timedelta(days=90)
    wanted, other = incident(), incident("Table Protected")
    for number in range(400):  # a megabyte and more: more than one page of the scan
        at = iso(since + timedelta(hours=number))
        padded = {**wanted, "padding": "x" * 4_000}
        put(dynamodb, ledger_table, "arn:1", f"incident#{at}#{number}", padded)
    put(dynamodb, ledger_table, "arn:2", f"incident#{iso(since - timedelta(hours=1))}#a", wanted)
    put(dynamodb, ledger_table, "arn:2", f"incident#{iso(now)}#b", other)
    put(dynamodb, ledger_table, "arn:2", "memory", {"tableId": "id-1"})
    put(dynamodb, ledger_table, "restore#r-1", "restore", restore())
    put(dynamodb, ledger_table, drift()["pk"], "memory", drift())
    put(dynamodb, ledger_table, "evidence", drill()["sk"], drill())
    put(dynamodb, ledger_table, "evidence", "head", {"key": "k", "sha256": "s"})
    past = LedgerHistory(dynamodb, ledger_table).past(EXPOSURES, since)
    assert len(past.incidents) == 400
    assert past.incidents[0]["detail"] == wanted["detail"]
    assert [each["outcome"] for each in past.restores] == ["completed"]
    assert past.restores[0]["order"] == restore()["order"]
    assert list(past.drifts) == [drift()]
    assert list(past.drills) == [drill()]

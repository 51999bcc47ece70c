"""What an export writes, and when."""

from __future__ import annotations

import base64
import gzip
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from tests.localcloud.account import SETTINGS, Account
from tests.localcloud.exports import Exporter

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def exporter(aws: Account) -> Exporter:
    exporter = Exporter(aws)
    exporter.make_bucket()
    return exporter


def micros(record: dict[str, Any]) -> int:
    return int(record["Metadata"]["WriteTimestampMicros"]["N"])


def by_key(records: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {record["Keys"]["id"]["S"]: record for record in records}


def test_an_incremental_export_has_each_item_before_and_after_the_window(
    exporter: Exporter,
) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    for key in ("updated", "deleted", "untouched"):
        aws.put(table, key, was="good")
    aws.cloud.age(aws.arn(table), minutes=30)
    aws.put(table, "updated", was="bad")
    aws.put(table, "updated", was="worse")
    aws.put(table, "inserted", was="bad")
    aws.put(table, "came and went", was="bad")
    for key in ("deleted", "came and went"):
        aws.dynamodb.delete_item(TableName=table, Key={"id": {"S": key}})
    until = exporter.now() + timedelta(seconds=1)
    aws.cloud.age(aws.arn(table), minutes=10)
    aws.put(table, "updated", was="later")
    until -= 10 * MINUTE

    ended = exporter.ended(exporter.start_incremental(table, until - 20 * MINUTE, until))

    assert (ended["ExportStatus"], ended["ItemCount"]) == ("COMPLETED", 3)
    records = by_key(exporter.records(ended))
    assert {key: set(record) for key, record in records.items()} == {
        "updated": {"Metadata", "Keys", "OldImage", "NewImage"},
        "inserted": {"Metadata", "Keys", "NewImage"},
        "deleted": {"Metadata", "Keys", "OldImage"},
    }
    assert records["updated"]["OldImage"]["was"] == {"S": "good"}
    assert records["updated"]["NewImage"]["was"] == {"S": "worse"}
    assert records["deleted"]["OldImage"]["was"] == {"S": "good"}
    for record in records.values():
        assert (until - MINUTE).timestamp() * 1e6 < micros(record) < until.timestamp() * 1e6


def test_its_files_are_laid_out_as_on_aws(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=1)
    for key in range(3):
        aws.put(table, str(key))
    aws.cloud.age(aws.arn(table), minutes=10)
    since = exporter.now() - 30 * MINUTE
    started = exporter.start_incremental(table, since, S3Prefix="undos/1")
    assert started["ExportStatus"] == "IN_PROGRESS"
    assert exporter.objects() == []

    ended = exporter.ended(started)

    assert ended["ItemCount"] == 3

    export_id = started["ExportArn"].rpartition("/")[2]
    folder = f"undos/1/AWSDynamoDB/{export_id}"
    assert ended["ExportManifest"] == f"{folder}/manifest-summary.json"
    assert {key for key in exporter.objects() if "/data/" not in key} == {
        f"{folder}/_started",
        f"{folder}/manifest-files.json",
        f"{folder}/manifest-files.md5",
        f"{folder}/manifest-summary.json",
        f"{folder}/manifest-summary.md5",
    }
    summary = exporter.summary(ended)
    until = ended["IncrementalExportSpecification"]["ExportToTime"]
    assert summary == {
        "version": "2023-08-01",
        "exportArn": started["ExportArn"],
        "startTime": summary["startTime"],
        "endTime": summary["endTime"],
        "tableArn": aws.arn(table),
        "tableId": aws.describe(table)["TableId"],
        "exportFromTime": f"{since:%Y-%m-%dT%H:%M:%S}.000Z",
        "exportToTime": f"{until:%Y-%m-%dT%H:%M:%S}.000Z",
        "s3Bucket": exporter.bucket,
        "s3Prefix": "undos/1",
        "s3SseAlgorithm": "AES256",
        "s3SseKmsKeyId": None,
        "manifestFilesS3Key": f"{folder}/manifest-files.json",
        "billedSizeBytes": 10_000_000,
        "itemCount": ended["ItemCount"],
        "outputFormat": "DYNAMODB_JSON",
        "outputView": "NEW_AND_OLD_IMAGES",
        "exportType": "INCREMENTAL_EXPORT",
    }
    files = exporter.manifest(ended)
    assert {file["dataFileS3Key"] for file in files} == {
        key for key in exporter.objects() if key.startswith("undos/1/AWSDynamoDB/data/")
    }
    assert len(files) == SETTINGS.export_partitions
    for file in files:
        assert set(file) == {"itemCount", "md5Checksum", "etag", "dataFileS3Key"}
        content = exporter.read(file["dataFileS3Key"])
        assert file["md5Checksum"] == checksum(content)
        assert file["itemCount"] == len(gzip.decompress(content).splitlines())
        head = exporter.s3.head_object(Bucket=exporter.bucket, Key=file["dataFileS3Key"])
        assert head["ETag"] == f'"{file["etag"]}"'
        assert file["etag"].endswith("-1")  # of an upload in parts: no MD5 of the content
    for name in ("manifest-files", "manifest-summary"):
        expected = checksum(exporter.read(f"{folder}/{name}.json"))
        assert exporter.read(f"{folder}/{name}.md5").decode() == expected


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324

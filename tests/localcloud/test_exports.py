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


def test_its_files_are_there_when_it_is_over_though_nobody_asks(exporter: Exporter) -> None:
    table = exporter.aws.protected_table()
    exporter.aws.cloud.age(exporter.aws.arn(table), hours=1)
    exporter.start(table)
    exporter.aws.advance(SETTINGS.export_seconds)
    assert any(key.endswith("/manifest-summary.json") for key in exporter.objects())


def checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()  # noqa: S324


def test_new_images_alone_are_exported_where_asked(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    for key in ("updated", "deleted"):
        aws.put(table, key, was="good")
    aws.cloud.age(aws.arn(table), hours=1)
    aws.put(table, "updated", was="bad")
    aws.dynamodb.delete_item(TableName=table, Key={"id": {"S": "deleted"}})
    aws.cloud.age(aws.arn(table), minutes=10)
    window = {"ExportFromTime": exporter.now() - 30 * MINUTE, "ExportViewType": "NEW_IMAGE"}
    ended = exporter.ended(
        exporter.start(
            table, ExportType="INCREMENTAL_EXPORT", IncrementalExportSpecification=window
        )
    )
    records = by_key(exporter.records(ended))
    assert set(records["deleted"]) == {"Metadata", "Keys"}
    assert set(records["updated"]) == {"Metadata", "Keys", "NewImage"}
    assert exporter.summary(ended)["outputView"] == "NEW_IMAGE"


def test_a_window_has_its_beginning_and_not_its_end(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=2)
    aws.put(table, "item")
    aws.cloud.age(aws.arn(table), minutes=30)
    at = exporter.now() - 30 * MINUTE
    everything = exporter.ended(exporter.start_incremental(table, at - HOUR))
    [record] = exporter.records(everything)
    second = timedelta(seconds=1)
    written = at.fromtimestamp(micros(record) // 1_000_000, at.tzinfo)

    def names_it(since: Any, until: Any) -> bool:
        return bool(
            exporter.records(exporter.ended(exporter.start_incremental(table, since, until)))
        )

    assert names_it(written, written + 15 * MINUTE)
    assert names_it(written + second - 15 * MINUTE, written + second)
    assert not names_it(written - 15 * MINUTE, written)
    assert not names_it(written + second, written + second + 15 * MINUTE)


def test_a_full_export_has_the_items_of_its_instant(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    for key in ("one", "two"):
        aws.put(table, key, was="good")
    aws.cloud.age(aws.arn(table), hours=1)
    aws.put(table, "one", was="bad")
    started = exporter.start(table, ExportTime=exporter.now() - 30 * MINUTE)
    ended = exporter.ended(started)
    items = [record["Item"] for record in exporter.records(ended)]
    assert sorted(item["id"]["S"] for item in items) == ["one", "two"]
    assert {item["was"]["S"] for item in items} == {"good"}
    summary = exporter.summary(ended)
    assert (summary["version"], summary["exportType"]) == ("2020-06-30", "FULL_EXPORT")
    assert "outputView" not in summary
    folder = ended["ExportManifest"].rpartition("/")[0]
    for file in exporter.manifest(ended):
        assert file["dataFileS3Key"].startswith(f"{folder}/data/")


def test_images_are_dynamodb_json_to_the_letter(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=1)
    item = {
        "id": {"S": "ключ\n"},
        "number": {"N": "1.50"},
        "binary": {"B": b"\x00\xff"},
        "strings": {"SS": ["b", "a"]},
        "binaries": {"BS": [b"1", b"2"]},
        "nested": {"M": {"list": {"L": [{"NULL": True}, {"BOOL": False}, {"S": ""}]}}},
    }
    aws.dynamodb.put_item(TableName=table, Item=item)
    aws.cloud.age(aws.arn(table), minutes=10)
    ended = exporter.ended(exporter.start_incremental(table, exporter.now() - 30 * MINUTE))
    [record] = exporter.records(ended)
    image = record["NewImage"]
    assert image["strings"]["SS"] in (["a", "b"], ["b", "a"])
    assert image["number"]["N"] in ("1.5", "1.50")
    assert image["binary"] == {"B": "AP8="}
    assert sorted(image["binaries"]["BS"]) == ["MQ==", "Mg=="]
    assert image["nested"] == item["nested"]
    assert record["Keys"] == {"id": item["id"]}


def composite(aws: Account) -> str:
    """A table with a sort key, of whose items one partition's two were changed."""
    table = aws.protected_table(
        "lines",
        KeySchema=[
            {"AttributeName": "order", "KeyType": "HASH"},
            {"AttributeName": "line", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "order", "AttributeType": "N"},
            {"AttributeName": "line", "AttributeType": "S"},
        ],
    )
    aws.cloud.age(aws.arn(table), hours=1)
    for order, line, price in (("1", "a", "10"), ("1", "b", "20"), ("2", "a", "30")):
        item = {"order": {"N": order}, "line": {"S": line}, "price": {"N": price}}
        aws.dynamodb.put_item(TableName=table, Item={**item, "note": {"S": "long"}})
    aws.cloud.age(aws.arn(table), minutes=10)
    return table


@pytest.mark.parametrize("kind", ["FULL_EXPORT", "INCREMENTAL_EXPORT"])
@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"KeyConditionExpression": "#order = :order"}, {"1a", "1b"}),
        ({"KeyConditionExpression": "#order = :order AND line > :a"}, {"1b"}),
        ({"FilterExpression": "price >= :price"}, {"1b", "2a"}),
    ],
)
def test_a_filter_leaves_some_items(
    exporter: Exporter, kind: str, condition: dict[str, str], found: set[str]
) -> None:
    table = composite(exporter.aws)
    values = {":order": {"N": "1.0"}, ":a": {"S": "a"}, ":price": {"N": "20"}}
    [expression] = condition.values()
    specification: dict[str, Any] = {
        **condition,
        "ProjectionExpression": "price",
        "ExpressionAttributeValues": {
            name: value for name, value in values.items() if name in expression
        },
    }
    if "#order" in expression:
        specification["ExpressionAttributeNames"] = {"#order": "order"}
    window = {"ExportFromTime": exporter.now() - 30 * MINUTE}
    times = {"IncrementalExportSpecification": window} if kind == "INCREMENTAL_EXPORT" else {}
    started = exporter.start(table, ExportType=kind, FilterSpecification=specification, **times)
    assert started["FilterSpecification"] == specification
    ended = exporter.ended(started)
    records = exporter.records(ended)
    assert ended["ItemCount"] == len(found)
    if kind == "INCREMENTAL_EXPORT":
        keys = [record["Keys"] for record in records]
        assert {key["order"]["N"] + key["line"]["S"] for key in keys} == found
    image_of = "NewImage" if kind == "INCREMENTAL_EXPORT" else "Item"
    images = [record[image_of] for record in records]
    assert all(set(image) == {"price"} for image in images)


def test_what_was_written_without_a_change_is_exported_too(exporter: Exporter) -> None:
    aws = exporter.aws
    table = aws.protected_table()
    aws.put(table, "item", was="good")
    aws.cloud.age(aws.arn(table), hours=1)
    aws.put(table, "item", was="bad")
    aws.put(table, "item", was="good")
    aws.cloud.age(aws.arn(table), minutes=10)
    ended = exporter.ended(exporter.start_incremental(table, exporter.now() - 30 * MINUTE))
    [record] = exporter.records(ended)
    assert record["OldImage"] == record["NewImage"]

"""Exports that are taken, and fail later or leave files that aren't right."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from tests.localcloud.account import Account
from tests.localcloud.errors import refused
from tests.localcloud.exports import Exporter
from tests.localcloud.test_exports import checksum

HOUR = timedelta(hours=1)


@pytest.fixture
def exporter(aws: Account) -> Exporter:
    exporter = Exporter(aws)
    exporter.make_bucket()
    return exporter


@pytest.fixture
def table(aws: Account) -> str:
    """A table to which two items were written twenty minutes ago."""
    table = aws.protected_table()
    aws.cloud.age(aws.arn(table), hours=2)
    for key in ("one", "two"):
        aws.put(table, key)
    aws.cloud.age(aws.arn(table), minutes=20)
    return table


def run(exporter: Exporter, table: str, caller: Any = None, **parameters: Any) -> dict[str, Any]:
    """An incremental export of the last hour, when it is over."""
    window = {"ExportFromTime": exporter.now() - HOUR}
    started = exporter.start(
        table,
        caller,
        **{
            "ExportType": "INCREMENTAL_EXPORT",
            "IncrementalExportSpecification": window,
            **parameters,
        },
    )
    assert started["ExportStatus"] == "IN_PROGRESS"
    return exporter.ended(started)


def test_a_bucket_that_isnt_there_is_found_out_later(exporter: Exporter, table: str) -> None:
    ended = run(exporter, table, S3Bucket="nobodys-bucket")
    assert (ended["ExportStatus"], ended["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    assert "The specified bucket does not exist" in ended["FailureMessage"]
    assert "ExportManifest" not in ended


def test_an_export_that_failed_keeps_its_token(exporter: Exporter, table: str) -> None:
    since = exporter.now() - HOUR
    given: dict[str, Any] = {"ClientToken": "mine", "S3Bucket": "nobodys-bucket"}
    failed = exporter.ended(exporter.start_incremental(table, since, **given))
    assert failed["ExportStatus"] == "FAILED"
    assert exporter.start_incremental(table, since, **given) == failed


def test_another_accounts_bucket_must_be_named_as_such(exporter: Exporter, table: str) -> None:
    wrong = run(exporter, table, S3BucketOwner="999999999999")
    assert (wrong["ExportStatus"], wrong["FailureCode"]) == ("FAILED", "S3AccessDenied")
    right = run(exporter, table, S3BucketOwner=exporter.aws.account_id)
    assert right["ExportStatus"] == "COMPLETED"


@pytest.mark.parametrize("lacking", ["PutObject", "PutObjectAcl", "AbortMultipartUpload"])
def test_a_caller_without_rights_on_the_objects_is_found_out_later(
    exporter: Exporter, table: str, lacking: str
) -> None:
    aws = exporter.aws
    objects = f"arn:aws:s3:::{exporter.bucket}/undos/*"
    actions = {"s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"}
    export = {"Action": "dynamodb:ExportTableToPointInTime", "Resource": aws.arn(table)}

    def end(granted: set[str], prefix: str) -> dict[str, Any]:
        user = aws.user(export, {"Action": sorted(granted), "Resource": objects})
        return run(exporter, table, aws.client("dynamodb", **user), S3Prefix=prefix)

    assert end(actions, "undos/1")["ExportStatus"] == "COMPLETED"
    for ended in (end(actions - {f"s3:{lacking}"}, "undos/1"), end(actions, "elsewhere")):
        assert (ended["ExportStatus"], ended["FailureCode"]) == ("FAILED", "S3AccessDenied")
    refusals = aws.cloud.refusals.so_far()
    assert f"s3:{lacking}" in {refusal.action for refusal in refusals}


def test_a_bucket_policy_may_deny_it(exporter: Exporter, table: str) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{exporter.bucket}/*",
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "aws:kms"}},
    }
    user = exporter.aws.user({"Action": "*", "Resource": "*"})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    exporter.s3.put_bucket_policy(Bucket=exporter.bucket, Policy=policy)
    caller = exporter.aws.client("dynamodb", **user)
    assert run(exporter, table, caller)["FailureCode"] == "S3AccessDenied"
    assert run(exporter, table, caller, S3SseAlgorithm="KMS")["ExportStatus"] == "COMPLETED"


def test_a_key_must_be_there_and_the_callers_to_use(exporter: Exporter, table: str) -> None:
    aws = exporter.aws
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    with_key = {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": key}
    nowhere = f"{key[:-4]}0000"
    assert run(exporter, table, **{**with_key, "S3SseKmsKeyId": nowhere})["FailureCode"] == (
        "KmsNotFoundException"
    )
    everything_else = {"NotAction": "kms:*", "Resource": "*"}
    caller = aws.client("dynamodb", **aws.user(everything_else))
    assert run(exporter, table, caller, **with_key)["FailureCode"] == "S3AccessDenied"
    use = {"Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": key}
    caller = aws.client("dynamodb", **aws.user(everything_else, use))
    ended = run(exporter, table, caller, **with_key)
    assert (ended["ExportStatus"], ended["S3SseKmsKeyId"]) == ("COMPLETED", key)
    head = exporter.s3.head_object(Bucket=exporter.bucket, Key=ended["ExportManifest"])
    assert head["SSEKMSKeyId"] == key


def test_an_export_may_fail_on_demand(exporter: Exporter, table: str) -> None:
    with exporter.aws.cloud.faults.fail_export("S3SlowDown", "Try later", table=table) as fault:
        failed = run(exporter, table)
        fine = run(exporter, table)
    assert (failed["ExportStatus"], failed["FailureCode"]) == ("FAILED", "S3SlowDown")
    assert (fine["ExportStatus"], fault.hits) == ("COMPLETED", 1)
    with exporter.aws.cloud.faults.fail_export(table="other", times=None):
        assert run(exporter, table)["ExportStatus"] == "COMPLETED"


def test_its_start_and_its_description_may_fail_or_get_lost(exporter: Exporter, table: str) -> None:
    faults = exporter.aws.cloud.faults
    with (
        faults.lose_answer("ExportTableToPointInTime", table=table),
        refused("InternalServerError"),
    ):
        run(exporter, table, ClientToken="mine")
    listed = exporter.aws.dynamodb.list_exports()["ExportSummaries"]
    assert len(listed) == 1
    with (
        faults.fail("DescribeExport", "ThrottlingException", table=table),
        refused("ThrottlingException"),
    ):
        exporter.describe(listed[0]["ExportArn"])


@pytest.mark.parametrize("damage", ["missing", "truncated", "corrupt", "short"])
def test_a_data_file_may_be_damaged_on_demand(exporter: Exporter, table: str, damage: Any) -> None:
    with exporter.aws.cloud.faults.damage_export(damage, table=table):
        ended = run(exporter, table)
    assert ended["ExportStatus"] == "COMPLETED"
    files = exporter.manifest(ended)
    chosen = max(files, key=lambda file: int(file["itemCount"]))
    for file in files:
        if file is not chosen:
            assert checksum(exporter.read(file["dataFileS3Key"])) == file["md5Checksum"]
    if damage == "missing":
        assert chosen["dataFileS3Key"] not in exporter.objects()
        return
    content = exporter.read(chosen["dataFileS3Key"])
    if damage == "short":
        assert checksum(content) == chosen["md5Checksum"]
        assert len(gzip.decompress(content).splitlines()) == chosen["itemCount"] - 1
    else:
        assert checksum(content) != chosen["md5Checksum"]

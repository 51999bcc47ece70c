"""Objects that a customer's key encrypts: whose rights S3 asks for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.localcloud.account import HOME, Account
from tests.localcloud.errors import refused

EVERYTHING_ELSE = {"NotAction": "kms:*", "Resource": "*"}


@pytest.fixture
def key(aws: Account) -> str:
    arn: str = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


@pytest.fixture
def bucket(aws: Account, key: str) -> str:
    """A bucket that encrypts with the key by default."""
    s3, name = aws.client("s3"), f"encrypted-{aws.account_id}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": HOME})
    by_key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    s3.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": by_key}]
        },
    )
    return name


def client(aws: Account, key: str, *rights: str, via: str = "s3.*") -> Any:
    """S3 of a user that may use the key so far."""
    use = {
        "Action": [*rights, "kms:List*"],
        "Resource": key,
        "Condition": {"StringLike": {"kms:ViaService": via}},
    }
    return aws.client("s3", **aws.user(EVERYTHING_ELSE, use))


def test_writing_needs_a_data_key_and_reading_to_decrypt_it(
    aws: Account, key: str, bucket: str
) -> None:
    writer = client(aws, key, "kms:GenerateDataKey")
    reader = client(aws, key, "kms:Decrypt")
    with refused("AccessDenied", "kms:GenerateDataKey"):
        reader.put_object(Bucket=bucket, Key="object", Body=b"x")
    writer.put_object(Bucket=bucket, Key="object", Body=b"x")
    with refused("AccessDenied", "kms:Decrypt"):
        writer.get_object(Bucket=bucket, Key="object")
    assert reader.get_object(Bucket=bucket, Key="object")["Body"].read() == b"x"


def test_the_right_may_be_for_another_service(aws: Account, key: str, bucket: str) -> None:
    with refused("AccessDenied", "kms:GenerateDataKey"):
        client(aws, key, "kms:GenerateDataKey", via="dynamodb.*").put_object(
            Bucket=bucket, Key="object", Body=b"x"
        )


def test_an_upload_in_parts_needs_both(aws: Account, key: str, bucket: str) -> None:
    with refused("AccessDenied", "kms:Decrypt"):
        client(aws, key, "kms:GenerateDataKey").create_multipart_upload(Bucket=bucket, Key="large")
    both = client(aws, key, "kms:GenerateDataKey", "kms:Decrypt")
    upload = both.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
    named = {"Bucket": bucket, "Key": "large", "UploadId": upload}
    etag = both.upload_part(**named, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"ETag": etag, "PartNumber": 1}]}
    both.complete_multipart_upload(**named, MultipartUpload=parts)
    with refused("AccessDenied", "kms:Decrypt"):
        client(aws, key, "kms:GenerateDataKey").get_object(Bucket=bucket, Key="large")


def test_other_encryption_needs_no_key(aws: Account, key: str, bucket: str) -> None:
    nobody = client(aws, key)
    nobody.put_object(Bucket=bucket, Key="plain", Body=b"x", ServerSideEncryption="AES256")
    assert nobody.get_object(Bucket=bucket, Key="plain")["Body"].read() == b"x"

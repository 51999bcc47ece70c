"""Whether the caller of an export may have it written; on AWS, that comes out when it is."""

from __future__ import annotations

from collections.abc import Iterator

from localcloud.dynamodb.exports.files import Place
from localcloud.dynamodb.exports.request import ExportRequest
from localcloud.ministack import bucket_policies, rights
from localcloud.ministack.internals import Engine
from localcloud.wire import (
    AwsError,
    Call,
)

# "Requesting a table export", DynamoDB developer guide.
_ON_OBJECTS = ("s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl")
# "Multipart upload and encryption", S3 user guide: of a customer's key.
_ON_KEY = ("kms:GenerateDataKey", "kms:Decrypt")


def refusal(engine: Engine, call: Call, request: ExportRequest, place: Place) -> tuple[str, str]:
    """FailureCode and the message of what the caller lacks; empty texts where it lacks nothing.

    Findings DDB-EXPORT-005 and -011: a key that isn't there is KmsNotFoundException, all else
    S3AccessDenied.
    """
    key = str(request.content.get("S3SseKmsKeyId", ""))
    key_arn = engine.keys.arn(key) if key and not key.startswith("alias/aws/") else None
    if key and not key.startswith("alias/aws/") and key_arn is None:
        return "KmsNotFoundException", f"Key '{key}' does not exist"
    encryption = "aws:kms" if request.content.get("S3SseAlgorithm") == "KMS" else "AES256"
    via_s3 = {"kms:ViaService": f"s3.{call.region}.amazonaws.com"}
    try:
        for arn in _objects(request.bucket, place):
            conditions = {"s3:x-amz-server-side-encryption": encryption}
            rights.require(engine, call, _ON_OBJECTS, arn, conditions)
            for action in _ON_OBJECTS:
                bucket_policies.require(call, action, arn, conditions)
        if key_arn:
            rights.require(engine, call, _ON_KEY, key_arn, via_s3)
    except AwsError as error:
        return "S3AccessDenied", error.message
    return "", ""


def _objects(bucket: str, place: Place) -> Iterator[str]:
    """One object of each kind: policies may name folders."""
    for key in (f"{place.folder}/manifest-summary.json", f"{place.data}/some.json.gz"):
        yield f"arn:aws:s3:::{bucket}/{key}"

"""The latest report, as the last sweep has written it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pitr_guardian_cli.problems import Problem
from pitr_guardian_cli.report import Report

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FORMATS = ("html", "json", "csv")


def fetch(client: S3Client, bucket: str, form: str) -> bytes | None:
    """Fetch the latest report in one of its forms; None where none was written yet."""
    try:
        answer = client.get_object(Bucket=bucket, Key=f"latest/report.{form}")
    except client.exceptions.NoSuchKey:
        return None
    return answer["Body"].read()


def latest(client: S3Client, bucket: str) -> Report | None:
    """Read the latest report; None where none was written yet.

    Raises:
        Problem: it can't be read.
    """
    body = fetch(client, bucket, "json")
    if body is None:
        return None
    try:
        document = json.loads(body)
        return Report(document)
    except ValueError:
        raise Problem(
            f"the latest report in s3://{bucket} can't be read",
            remedy="write another: pitr-guardian sweep",
        ) from None

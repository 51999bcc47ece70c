"""The chain of evidence, walked from its head back to its first piece.

Everything is checked here again, by what was published of it (docs/drills.md), and nothing is taken
from the guardian's code: who doubts the guardian can read this.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

GENESIS = "0" * 64
"""What the first piece names for the one before it."""


class BrokenChainError(Exception):
    """The chain breaks; the text says where, and how."""


@dataclass(frozen=True)
class Piece:
    """A piece of evidence that is as it was written."""

    key: str
    sha256: str
    document: dict[str, Any]


def walked(client: S3Client, bucket: str, key: str, sha256: str) -> Iterator[Piece]:
    """Walk the chain, the newest piece first.

    Args:
        client: S3.
        bucket: of the newest piece. Each piece names that of the one before it: a stack whose
            drills were off for a while has another bucket since.
        key: of the newest piece.
        sha256: what its hash has to be.

    Raises:
        BrokenChainError: a piece is missing, or isn't as it was written.
    """
    after = "the ledger's head"
    while True:
        document = _read(_checked(client, bucket, key, sha256, after), key)
        _check_page(client, bucket, document, key)
        yield Piece(key, sha256, document)
        previous = document.get("previous")
        if not isinstance(previous, dict) or not isinstance(previous.get("sha256"), str):
            raise BrokenChainError(f"{key} names no piece before it")
        if previous["sha256"] == GENESIS:
            if previous.get("key") is not None:
                raise BrokenChainError(f"{key} names a piece before the first")
            return
        after, key, sha256 = key, str(previous.get("key")), previous["sha256"]
        bucket = str(previous.get("bucket") or bucket)


def _check_page(client: S3Client, bucket: str, document: dict[str, Any], key: str) -> None:
    page = document.get("page")
    if not isinstance(page, dict):
        raise BrokenChainError(f"{key} names no page")
    _checked(client, bucket, str(page.get("key")), str(page.get("sha256")), key)


def _checked(client: S3Client, bucket: str, key: str, sha256: str, named_by: str) -> bytes:
    try:
        content = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "NoSuchKey":
            raise BrokenChainError(f"{key}, which {named_by} names, is gone") from None
        if code == "NoSuchBucket":
            raise BrokenChainError(
                f"the bucket {bucket} of {key}, which {named_by} names, is gone"
            ) from None
        raise
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise BrokenChainError(
            f"{key} isn't as it was written: its SHA-256 is {found}; {named_by} says {sha256}"
        )
    return content


def _read(content: bytes, key: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise BrokenChainError(f"{key} is no evidence")
    return document

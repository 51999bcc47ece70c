"""S3 buckets as the services see them that write into them."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"


def key_of_object(bucket: str, key: str) -> str:
    """The KMS key that an object is encrypted with, as it was named; empty: none, or no object."""
    s3: Any = importlib.import_module("ministack.services.s3")
    owner = s3._bucket_owner_account(bucket)
    record = s3._buckets.get_scoped(owner, None, bucket) if owner else None
    kept = (record or {}).get("objects", {}).get(key, {}).get("preserved_headers", {})
    return str(kept.get(KEY_HEADER, ""))


class PutRefusedError(Exception):
    """S3 took no object: its error code, HTTP status and message."""

    def __init__(self, code: str, status: int, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.status = status
        self.message = message


class Buckets:
    """All buckets, whoever owns them: their names are global."""

    def __init__(self, in_scope: Callable[[str, str], AbstractContextManager[None]]) -> None:
        self._s3: Any = importlib.import_module("ministack.services.s3")
        self._in_scope = in_scope

    def owner(self, bucket: str) -> str | None:
        """The account of a bucket; None where there is no such bucket."""
        found: str | None = self._s3._bucket_owner_account(bucket)
        return found

    def put(
        self, bucket: str, key: str, content: bytes, headers: Mapping[str, str], etag: str | None
    ) -> None:
        """Write an object as a service does that has been let in; nobody's rights are asked.

        Args:
            etag: that of an upload in parts; None: that of a plain PutObject.

        Raises:
            PutRefusedError: there is no such bucket, or it refuses such an object.
        """
        owner = self.owner(bucket) or ""
        with self._in_scope(owner, self._s3.bucket_region(bucket) or "us-east-1"):
            status, _, body = self._s3._put_object(bucket, key, content, dict(headers))
            if status >= 300:
                error = ET.fromstring(body)  # noqa: S314  # MiniStack's own
                raise PutRefusedError(
                    error.findtext("Code", ""), status, error.findtext("Message", "")
                )
            if etag:
                self._s3._buckets[bucket]["objects"][key]["etag"] = f'"{etag}"'

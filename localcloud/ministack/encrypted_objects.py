"""Whoever reads or writes an object that a customer's key encrypts must be allowed to use the key.

"Using server-side encryption with AWS KMS keys", S3 user guide: kms:Decrypt to read,
kms:GenerateDataKey to write, both for an upload in parts. MiniStack asks for neither.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from localcloud.ministack.buckets import (
    KEY_HEADER,
    key_of_object,
)
from localcloud.ministack.internals import (
    Engine,
    Handler,
)
from localcloud.wire import (
    AwsError,
    HttpAnswer,
    error_of_s3,
    received,
)

_ALGORITHM = "x-amz-server-side-encryption"


class EncryptedObjects:
    """Asks for the key before S3 carries a call out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._s3: Any = importlib.import_module("ministack.services.s3")
        engine.wrap_handler("s3", self._asking_for_keys)

    def _asking_for_keys(self, handler: Handler) -> Handler:
        async def handle(
            method: str,
            path: str,
            headers: Mapping[str, str],
            body: bytes,
            query: Mapping[str, Any],
        ) -> HttpAnswer:
            try:
                self._require_key(method, path, headers, query)
            except AwsError as error:
                return error_of_s3(AwsError("AccessDenied", error.message, 403))
            return await handler(method, path, headers, body, query)

        return handle

    def _require_key(
        self, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, Any]
    ) -> None:
        bucket, _, key = path.lstrip("/").partition("/")
        action = self._engine.s3_action(method, path, query)
        if action == "GetObject":
            named, needed = key_of_object(bucket, key), ["kms:Decrypt"]
        elif action == "PutObject" and "uploadId" not in query:  # a part needs no more
            named, needed = self._key_to_be(bucket, headers), ["kms:GenerateDataKey"]
            if "uploads" in query:
                needed.append("kms:Decrypt")
        else:
            return
        metadata = self._engine.keys.find(named) if named else None
        if metadata is None or metadata["KeyManager"] != "CUSTOMER":
            return
        call = received("s3", self._engine.scope(), headers, b"", {})
        for right in needed if call.access_key else []:
            via = {"kms:ViaService": f"s3.{call.region}.amazonaws.com"}
            self._engine.require(call.access_key, right, call.region, metadata["Arn"], via)

    def _key_to_be(self, bucket: str, headers: Mapping[str, str]) -> str:
        """The key that the request names; where it names no encryption, the bucket's."""
        if headers.get(_ALGORITHM):
            return headers.get(KEY_HEADER, "")
        owner = self._s3._bucket_owner_account(bucket)
        if not owner:
            return ""
        with self._engine.in_scope(owner, self._engine.scope()[1]):
            return str(self._s3._bucket_default_sse_headers(bucket).get(KEY_HEADER, ""))

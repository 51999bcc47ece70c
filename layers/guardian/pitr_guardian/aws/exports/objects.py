"""The undos' bucket: streams in and out, whatever the size of an object."""

import io
from collections.abc import Buffer, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from pitr_guardian.aws.errors import code_of, later_if_passing
from pitr_guardian.aws.rights import needs
from pitr_guardian.exports.ports import NoObjectError

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

_BLOCK = 1 << 16
_PIECE = 16 * 1024 * 1024
"""Bytes of a part of a multipart upload: at least 5 MiB, and at most 10,000 of them (S3 user guide,
"Amazon S3 multipart upload limits"), which is 156 GiB."""


class ObjectBucket:
    """``exports.ports.Objects`` on S3. What it writes is encrypted as the bucket is."""

    def __init__(self, client: "S3Client", name: str) -> None:
        """Take the client and the bucket's name."""
        self._client = client
        self._name = name

    def uri_of(self, key: str) -> str:
        """The URI of an object."""
        return f"s3://{self._name}/{key}"

    @needs("s3:GetObject", on="undos")
    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        """See ``exports.ports.ReadableObjects``."""
        try:
            with later_if_passing():
                body = self._client.get_object(Bucket=self._name, Key=key)["Body"]
        except ClientError as error:
            # Who may not list is told the latter of a key that isn't there (API, GetObject).
            if code_of(error) in {"NoSuchKey", "AccessDenied"}:
                raise NoObjectError(f"there is no {self.uri_of(key)}") from error
            raise
        # A stream that breaks off is a fault of the connection's, not the object's.
        with body, later_if_passing():
            yield io.BufferedReader(_Body(body), _BLOCK)

    @needs("s3:ListBucket", on="undo bucket")
    def keys_under(self, prefix: str) -> Iterator[str]:
        """See ``exports.ports.ReadableObjects``."""
        with later_if_passing():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._name, Prefix=prefix
            )
            for page in pages:
                yield from (each["Key"] for each in page.get("Contents", []))

    @needs("s3:PutObject", on="undos")
    def put(self, key: str, content: bytes, content_type: str) -> None:
        """See ``exports.ports.Objects``."""
        with later_if_passing():
            self._client.put_object(
                Bucket=self._name, Key=key, Body=content, ContentType=content_type
            )

    def put_file(self, key: str, file: BinaryIO, content_type: str) -> None:
        """See ``exports.ports.Objects``."""
        file.seek(0)
        first = file.read(_PIECE)
        if len(first) < _PIECE:
            self.put(key, first, content_type)
            return
        with self.writer(key, content_type) as upload:
            upload.write(first)
            while piece := file.read(_PIECE):
                upload.write(piece)

    @contextmanager
    def writer(self, key: str, content_type: str) -> Iterator[BinaryIO]:
        """See ``exports.ports.Objects``. No more than a piece is held in memory."""
        with later_if_passing():
            upload_id = self._begin(key, content_type)
            try:
                pieces = _Pieces(lambda number, piece: self._send(key, upload_id, number, piece))
                yield cast("BinaryIO", pieces)
                self._complete(key, upload_id, pieces.finish())
            except BaseException:
                # Where not even that goes, S3 does it within a day, by the bucket's lifecycle.
                with suppress(ClientError, BotoCoreError):
                    self._abort(key, upload_id)
                raise

    @needs("s3:PutObject", on="undos")
    def _begin(self, key: str, content_type: str) -> str:
        return self._client.create_multipart_upload(
            Bucket=self._name, Key=key, ContentType=content_type
        )["UploadId"]

    @needs("s3:PutObject", on="undos")
    def _send(self, key: str, upload_id: str, number: int, piece: bytes) -> str:
        return self._client.upload_part(
            Bucket=self._name, Key=key, UploadId=upload_id, PartNumber=number, Body=piece
        )["ETag"]

    @needs("s3:PutObject", on="undos")
    def _complete(self, key: str, upload_id: str, etags: Sequence[str]) -> None:
        parts: list[CompletedPartTypeDef] = [
            {"ETag": etag, "PartNumber": number} for number, etag in enumerate(etags, 1)
        ]
        self._client.complete_multipart_upload(
            Bucket=self._name, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}
        )

    @needs("s3:AbortMultipartUpload", on="undos")
    def _abort(self, key: str, upload_id: str) -> None:
        self._client.abort_multipart_upload(Bucket=self._name, Key=key, UploadId=upload_id)


class _Body(io.RawIOBase):
    """What S3 sends, as a stream like any other: botocore's own gives no lines."""

    def __init__(self, body: "StreamingBody") -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        piece = self._body.read(view.nbytes)
        view[: len(piece)] = piece
        return len(piece)


class _Pieces(io.RawIOBase):
    """A stream that is handed on in pieces: all of one size, but for the last."""

    def __init__(self, send: Callable[[int, bytes], str]) -> None:
        self._send = send
        self._piece = bytearray()
        self._etags: list[str] = []

    def writable(self) -> bool:
        return True

    def write(self, content: Buffer, /) -> int:
        self._piece += content
        while len(self._piece) >= _PIECE:
            self._hand_on(_PIECE)
        return memoryview(content).nbytes

    def finish(self) -> list[str]:
        """Hand the rest on, and tell the pieces' ETags; an upload has at least one."""
        if self._piece or not self._etags:
            self._hand_on(len(self._piece))
        return self._etags

    def _hand_on(self, size: int) -> None:
        piece = bytes(self._piece[:size])
        del self._piece[:size]
        self._etags.append(self._send(len(self._etags) + 1, piece))

"""What an export leaves in its bucket, as "DynamoDB table export output format" lays it out.

Checksums are named `.md5` on AWS, not `.checksum` as that page has it; each is of the object's
bytes, compressed as they are, and keys begin at the bucket's root: so ScyllaDB's tests say, which
were run against AWS (scylladb, test/alternator/test_export.py).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from localcloud.dynamodb.exports.contents import Line
from localcloud.wire import Json

_GZIP, _JSON, _TEXT = "application/x-gzip", "application/json", "text/plain"


@dataclass(frozen=True)
class File:
    """An object to be. `parts`: how many it is uploaded in; 0 is a plain PutObject."""

    key: str
    content: bytes
    content_type: str
    parts: int = 0


@dataclass(frozen=True)
class DataFile:
    """One file of items."""

    file: File
    item_count: int

    def manifest_line(self) -> str:
        digest = hashlib.md5(self.file.content).digest()  # noqa: S324  # as AWS does
        return json.dumps(
            {
                "itemCount": self.item_count,
                "md5Checksum": base64.b64encode(digest).decode(),
                "etag": multipart_etag(self.file.content),
                "dataFileS3Key": self.file.key,
            },
            separators=(",", ":"),
        )


@dataclass(frozen=True)
class Place:
    """Where an export's files are."""

    prefix: str
    """As it was given: joined with a slash, whatever it ends in (finding DDB-EXPORT-018)."""
    export_id: str
    shares_data: bool
    """Incremental exports of one prefix have their data in one folder."""

    @property
    def _root(self) -> str:
        return f"{self.prefix.removesuffix('/')}/AWSDynamoDB" if self.prefix else "AWSDynamoDB"

    @property
    def folder(self) -> str:
        return f"{self._root}/{self.export_id}"

    @property
    def data(self) -> str:
        return f"{self._root if self.shares_data else self.folder}/data"


def started(place: Place) -> File:
    """The empty object by which DynamoDB finds out whether it may write."""
    return File(f"{place.folder}/_started", b"", "application/octet-stream")


def data_files(place: Place, lines: Sequence[Line], partitions: int) -> list[DataFile]:
    """A file for each partition, empty ones too: "at least 1 file per partition"."""
    return [
        data_file(place, [line.text for line in lines if line.place % partitions == number])
        for number in range(partitions)
    ]


def data_file(place: Place, lines: Sequence[str]) -> DataFile:
    content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
    name = base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
    return DataFile(File(f"{place.data}/{name}.json.gz", content, _GZIP, parts=1), len(lines))


def manifests(place: Place, summary: Json, data: Sequence[DataFile]) -> Iterator[File]:
    """manifest-files.json (JSON Lines), then manifest-summary.json, each with its checksum."""
    lines = "".join(f"{each.manifest_line()}\n" for each in data)
    yield from _with_checksum(f"{place.folder}/manifest-files", lines)
    told = {**summary, "manifestFilesS3Key": f"{place.folder}/manifest-files.json"}
    yield from _with_checksum(f"{place.folder}/manifest-summary", json.dumps(told))


def multipart_etag(content: bytes) -> str:
    """The ETag of an object that was uploaded in one part; it is no MD5 of the object."""
    of_part = hashlib.md5(content).digest()  # noqa: S324  # as S3 does
    return f"{hashlib.md5(of_part).hexdigest()}-1"  # noqa: S324


def _with_checksum(name: str, content: str) -> Iterator[File]:
    digest = hashlib.md5(content.encode()).digest()  # noqa: S324
    yield File(f"{name}.json", content.encode(), _JSON)
    yield File(f"{name}.md5", base64.b64encode(digest), _TEXT)

"""Objects of the undos' bucket, in memory as on S3."""

from __future__ import annotations

import gzip
import io
from typing import Any

import boto3
import pytest

from pitr_guardian.aws.exports import objects
from pitr_guardian.aws.exports.objects import ObjectBucket
from pitr_guardian.exports.ports import NoObjectError, Objects
from tests.fakes.cloudtrail import REGION
from tests.fakes.objects import FakeObjects

TYPE = "application/x-ndjson"


@pytest.fixture
def s3() -> Any:
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(
        Bucket="undos", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


@pytest.fixture(params=["in memory", "on S3"])
def bucket(request: pytest.FixtureRequest, s3: Any) -> Objects:
    return FakeObjects() if request.param == "in memory" else ObjectBucket(s3, "undos")


def read(bucket: Objects, key: str) -> bytes:
    with bucket.open(key) as stream:
        return stream.read()


def test_what_was_put_is_read_again(bucket: Objects) -> None:
    bucket.put("a", b"one", TYPE)
    assert read(bucket, "a") == b"one"
    bucket.put("a", b"other", TYPE)
    assert read(bucket, "a") == b"other"


def test_an_object_is_read_line_by_line(bucket: Objects) -> None:
    lines = [b"x" * number + b"\n" for number in range(3000)]
    bucket.put("lines", b"".join(lines), TYPE)
    with bucket.open("lines") as stream:
        assert list(stream) == lines
    bucket.put("packed", gzip.compress(b"".join(lines)), "application/gzip")
    with bucket.open("packed") as stream, gzip.GzipFile(fileobj=stream) as unpacked:
        assert list(unpacked) == lines


def test_what_is_not_there_is_named(bucket: Objects) -> None:
    with pytest.raises(NoObjectError, match="undos/u-1/x"), bucket.open("undos/u-1/x"):
        pass


def test_keys_are_listed_in_the_order_of_their_bytes(bucket: Objects) -> None:
    for key in ("p/b", "p/a", "p/B", "q/a", "p/aa"):
        bucket.put(key, b"", TYPE)
    assert list(bucket.keys_under("p/")) == ["p/B", "p/a", "p/aa", "p/b"]


@pytest.mark.parametrize("size", [0, 1, 100, 250, 1000])
def test_a_file_of_any_size_is_put(
    bucket: Objects, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PIECE", 100)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 100)
    content = bytes(number % 251 for number in range(size))
    file = io.BytesIO(content)
    file.seek(size)
    bucket.put_file("file", file, TYPE)
    assert read(bucket, "file") == content


@pytest.mark.parametrize("pieces", [0, 1, 7, 250])
def test_an_object_is_written_piece_by_piece(
    bucket: Objects, pieces: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PIECE", 100)
    monkeypatch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 100)
    with bucket.writer("written", TYPE) as file:
        file.writelines([b"0123456789ab\n"] * pieces)
    assert read(bucket, "written") == b"0123456789ab\n" * pieces


def test_what_was_not_written_to_its_end_is_not_there(bucket: Objects, s3: Any) -> None:
    def fail() -> None:
        with bucket.writer("broken", TYPE) as file:
            file.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(NoObjectError), bucket.open("broken"):
        pass
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="undos")

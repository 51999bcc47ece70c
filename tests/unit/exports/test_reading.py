"""Files are read as streams; one that is short or wrong is named."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

import pytest

from pitr_guardian.exports.manifest import (
    BadManifestError,
    DataFile,
    data_file_of,
    files_list_of,
)
from pitr_guardian.exports.reading import BadFileError, changes_in, items_in
from pitr_guardian.exports.record import BadLineError, Change, Item, change_of

KEY: Item = {"id": {"S": "1"}}
# As the developer guide shows a line, "DynamoDB table export output format".
LINE = {
    "Metadata": {"WriteTimestampMicros": {"N": "1680109764000000"}},
    "Keys": KEY,
    "OldImage": {"name": {"S": "Shoes"}},
    "NewImage": {"id": {"S": "1"}, "name": {"S": "Boots"}},
}


def file_of(content: bytes, lines: int) -> DataFile:
    md5 = hashlib.md5(content, usedforsecurity=False).digest()
    return DataFile("undos/p/exports/data/x7.json.gz", lines, base64.b64encode(md5).decode())


def packed(*lines: object) -> bytes:
    return gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines), mtime=0)


def read(content: bytes, file: DataFile) -> list[Change]:
    return list(changes_in(io.BytesIO(content), file))


def test_a_line_is_an_item_before_and_after() -> None:
    change = change_of(json.dumps(LINE).encode())
    assert change.old == {"id": {"S": "1"}, "name": {"S": "Shoes"}}  # its key, repeated or not
    assert change.new == LINE["NewImage"]
    assert change.written_at == 1680109764000000


@pytest.mark.parametrize("gone", ["OldImage", "NewImage"])
def test_an_image_that_isnt_there_is_no_item(gone: str) -> None:
    change = change_of(json.dumps({name: LINE[name] for name in LINE if name != gone}).encode())
    assert (change.old is None, change.new is None) == (gone == "OldImage", gone == "NewImage")


def test_an_item_of_its_key_alone_is_an_item() -> None:
    change = change_of(json.dumps({**LINE, "NewImage": {}}).encode())
    assert change.new == KEY


def test_a_change_can_be_written_and_read_again() -> None:
    for change in (Change(KEY, None, KEY, 5), Change(KEY, {**KEY, "a": {"S": "ü"}}, None, 6)):
        assert change_of(change.line) == change


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b'{"Item": {"id": {"S": "1"}}}', b'{"Metadata": {}, "Keys": {}}', b"7"],
)
def test_another_kind_of_line_is_refused(line: bytes) -> None:
    with pytest.raises(BadLineError):
        change_of(line)


@pytest.mark.parametrize("part", [{"Keys": {}}, {"Keys": "1"}, {"OldImage": "x"}])
def test_a_line_whose_parts_are_no_items_is_refused(part: dict[str, Any]) -> None:
    with pytest.raises(BadLineError, match="aren't items"):
        change_of(json.dumps({**LINE, **part}).encode())


def test_a_whole_file_is_read() -> None:
    content = packed(LINE, LINE)
    assert len(read(content, file_of(content, 2))) == 2
    assert read(gzip.compress(b""), file_of(gzip.compress(b""), 0)) == []


def test_a_file_that_lacks_a_line_is_named() -> None:
    content = packed(LINE)
    with pytest.raises(BadFileError, match=r"x7.json.gz has 1 items; its manifest says 2"):
        read(content, file_of(content, 2))


def test_a_file_that_is_cut_short_is_named() -> None:
    content = packed(*[{**LINE, "Keys": {"id": {"S": str(number)}}} for number in range(500)])
    with pytest.raises(BadFileError, match=r"x7.json.gz is cut short or broken"):
        read(content[:-20], file_of(content, 500))


def test_a_file_that_is_no_gzip_is_named() -> None:
    with pytest.raises(BadFileError, match=r"x7.json.gz is cut short or broken"):
        read(b"<Error>", file_of(b"<Error>", 1))


def test_a_file_with_a_wrong_line_is_named_with_the_line() -> None:
    content = packed(LINE, {"Item": KEY})
    with pytest.raises(BadFileError, match=r"x7.json.gz, line 2: it isn't a record"):
        read(content, file_of(content, 2))


def test_a_file_that_isnt_as_it_was_written_is_named() -> None:
    content, other = packed(LINE), packed({**LINE, "Keys": {"id": {"S": "2"}}})
    with pytest.raises(BadFileError, match="its MD5 isn't"):
        read(other, file_of(content, 1))


def test_memory_doesnt_grow_with_the_file() -> None:
    class Endless(io.RawIOBase):
        """A file of 60,000 lines, 20 MB unpacked, that is made while it is read."""

        def __init__(self) -> None:
            self.pieces = self._make()
            self.rest = b""

        def _make(self) -> Iterator[bytes]:
            line = json.dumps({**LINE, "NewImage": {"x": {"S": "y" * 200}}}).encode() + b"\n"
            for _ in range(60):
                yield gzip.compress(line * 1_000, mtime=0)

        def read(self, size: int = -1) -> bytes:
            self.rest = self.rest or next(self.pieces, b"")
            piece, self.rest = self.rest[:size], self.rest[size:]
            return piece

    content = b"".join(Endless()._make())
    file = file_of(content, 60_000)
    del content
    tracemalloc.start()
    assert sum(1 for _ in changes_in(cast("BinaryIO", Endless()), file)) == 60_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_manifest_names_its_files() -> None:
    line = {
        "itemCount": 8,
        "md5Checksum": "sQMSpEILNgoQmarvDFonGQ==",
        "etag": "af83d6f217c19b8b0fff8023d8ca4716-1",
        "dataFileS3Key": "undos/p/exports/AWSDynamoDB/data/sgajt4wuzu4gfk.json.gz",
    }
    file = data_file_of(line, "undos/p/exports/")
    assert (file.items, file.name) == (8, "sgajt4wuzu4gfk")
    with pytest.raises(BadManifestError, match="isn't under undos/other/"):
        data_file_of(line, "undos/other/")
    with pytest.raises(BadManifestError, match="md5Checksum"):
        data_file_of({name: line[name] for name in line if name != "md5Checksum"}, "undos/")


def test_a_summary_leads_to_the_list_of_files() -> None:
    summary = {
        "manifestFilesS3Key": "x/manifest-files.json",
        "outputFormat": "DYNAMODB_JSON",
        "exportType": "INCREMENTAL_EXPORT",
    }
    assert files_list_of(json.dumps(summary).encode(), "x/s.json") == "x/manifest-files.json"
    with pytest.raises(BadManifestError, match=r"x/s.json: it is of a FULL_EXPORT"):
        files_list_of(json.dumps({**summary, "exportType": "FULL_EXPORT"}).encode(), "x/s.json")
    with pytest.raises(BadManifestError, match=r"x/s.json: it can't be read"):
        files_list_of(b"{}", "x/s.json")


def test_a_full_exports_summary_is_told_apart() -> None:
    summary = {"manifestFilesS3Key": "x/manifest-files.json", "outputFormat": "DYNAMODB_JSON"}
    for told in (summary, {**summary, "exportType": "FULL_EXPORT"}):
        content = json.dumps(told).encode()
        assert files_list_of(content, "x/s.json", "FULL_EXPORT") == "x/manifest-files.json"
        with pytest.raises(BadManifestError, match="it is of a FULL_EXPORT"):
            files_list_of(content, "x/s.json")
    with pytest.raises(BadManifestError, match="can't be read"):
        files_list_of(b"[]", "x/s.json")


def test_a_full_exports_lines_are_items() -> None:
    items = [{"id": {"S": "1"}}, {"id": {"S": "2"}, "n": {"N": "7"}}]
    content = packed(*({"Item": item} for item in items))
    assert list(items_in(io.BytesIO(content), file_of(content, 2))) == items
    with pytest.raises(BadFileError, match="has 2 items; its manifest says 3"):
        list(items_in(io.BytesIO(content), file_of(content, 3)))


@pytest.mark.parametrize("line", [{}, {"Item": {}}, {"Item": [1]}, [], LINE])
def test_what_is_no_item_is_named_by_its_line(line: object) -> None:
    content = packed({"Item": KEY}, line)
    with pytest.raises(BadFileError, match="line 2"):
        list(items_in(io.BytesIO(content), file_of(content, 2)))

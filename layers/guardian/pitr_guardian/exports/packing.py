"""Packed objects, line by line; neither they nor what is made of them need fit into memory."""

import gzip
import tempfile
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from pitr_guardian.exports.ports import Objects, ReadableObjects

GZIP_TYPE = "application/gzip"


def unpacked(objects: ReadableObjects, key: str) -> Iterator[bytes]:
    """Read the lines of a packed object."""
    with objects.open(key) as packed, gzip.GzipFile(fileobj=packed) as lines:
        yield from lines


def put_lines(objects: Objects, key: str, lines: Iterable[bytes]) -> None:
    """Write lines as a packed object; they needn't fit into memory."""
    with tempfile.TemporaryFile() as file:
        with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=3, mtime=0) as packed:
            packed.writelines(lines)
        objects.put_file(key, cast("BinaryIO", file), GZIP_TYPE)

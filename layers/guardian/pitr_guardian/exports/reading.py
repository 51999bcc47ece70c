"""A data file as a stream of changes; one that is short or wrong is an error that names it."""

import base64
import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from pitr_guardian.exports.manifest import DataFile
from pitr_guardian.exports.record import BadLineError, Change, Item, change_of, item_of

_BLOCK = 1 << 16


class BadFileError(Exception):
    """A data file isn't what its manifest says; the text names it."""


class _Hashing(io.RawIOBase):
    """A stream whose bytes are hashed as they are read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        # No secret hangs on it: it tells a file that arrived from one that didn't.
        self.md5 = hashlib.md5(usedforsecurity=False)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        piece = self._stream.read(len(buffer))
        self.md5.update(piece)
        buffer[: len(piece)] = piece
        return len(piece)


def changes_in(stream: BinaryIO, file: DataFile) -> Iterator[Change]:
    """Read a data file of an incremental export, line by line.

    What it gave is good only when it has ended: the count and the hash are known then.

    Raises:
        BadFileError: the file is short or wrong.
    """
    return _read(stream, file, change_of)


def items_in(stream: BinaryIO, file: DataFile) -> Iterator[Item]:
    """Read a data file of a full export, line by line; as above."""
    return _read(stream, file, item_of)


def _read[Line](
    stream: BinaryIO, file: DataFile, line_of: Callable[[bytes], Line]
) -> Iterator[Line]:
    hashing = _Hashing(stream)
    count = 0
    try:
        with gzip.GzipFile(fileobj=io.BufferedReader(hashing, _BLOCK)) as lines:
            for line in lines:
                yield line_of(line)
                count += 1
    except BadLineError as problem:
        raise BadFileError(
            f"the export's file {file.key}, line {count + 1}: {problem}"
        ) from problem
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise BadFileError(f"the export's file {file.key} is cut short or broken") from problem
    while hashing.read(_BLOCK):
        pass
    if count != file.items:
        raise BadFileError(
            f"the export's file {file.key} has {count} items; its manifest says {file.items}"
        )
    if base64.b64encode(hashing.md5.digest()).decode() != file.md5:
        raise BadFileError(
            f"the export's file {file.key} isn't as AWS wrote it: its MD5 isn't {file.md5}"
        )

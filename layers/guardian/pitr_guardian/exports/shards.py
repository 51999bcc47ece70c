"""Shards: how many there are, which key belongs to which, and dealing lines out to them."""

import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from pitr_guardian.exports.packing import GZIP_TYPE
from pitr_guardian.exports.ports import Objects

_ITEMS_A_SHARD, _BYTES_A_SHARD, _MOST_SHARDS = 20_000, 128 * 2**20, 256
"""A shard is joined on a function's disk; a function that deals out keeps a file for each."""
_GZIP, _WINDOW, _MEMORY = 16, 12, 5
"""Gzip with a window of 4 KB: a packer takes 32 KB, and not 256, and there is one for each shard
(zlib manual, "Memory footprint": 2 ** (windowBits + 2) + 2 ** (memLevel + 9) bytes)."""


def shards_for(items: int, size: int) -> int:
    """How many shards to deal so many items, of so many bytes, out to."""
    wanted = max(-(-items // _ITEMS_A_SHARD), -(-size // _BYTES_A_SHARD), 1)
    return min(wanted, _MOST_SHARDS)


def shard_of(key: str, shards: int) -> int:
    """The number of the shard that a key belongs to, given as ``key_text`` writes it."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % shards


class Dealt:
    """Lines on disk, a file for each shard that has something."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        """Write into a folder; who closes the files has them all."""
        self._folder = folder
        self._files = files
        self._open: dict[int, _Packed] = {}
        self.paths: dict[int, Path] = {}

    def write(self, number: int, line: bytes) -> None:
        """Give a line to a shard."""
        if number not in self._open:
            self.paths[number] = self._folder / str(number)
            self._open[number] = self._files.enter_context(_Packed(self.paths[number]))
        self._open[number].write(line)


class _Packed:
    """A packed file."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP + _WINDOW, _MEMORY)

    def write(self, line: bytes) -> None:
        self._file.write(self._packer.compress(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._file:
            self._file.write(self._packer.flush())


@contextmanager
def dealing(objects: Objects, key_of: Callable[[int], str]) -> Iterator[Dealt]:
    """Deal lines out, and write each shard's when all are dealt out and nothing failed.

    That an exported file is whole is known at its end only. Memory doesn't grow with the lines.

    Args:
        objects: the bucket.
        key_of: tells where a shard's lines belong.
    """
    with tempfile.TemporaryDirectory() as folder, ExitStack() as files:
        dealt = Dealt(Path(folder), files)
        yield dealt
        files.close()
        for number, path in dealt.paths.items():
            with path.open("rb") as packed:
                objects.put_file(key_of(number), packed, GZIP_TYPE)

"""A bucket in memory."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from pitr_guardian.exports.ports import NoObjectError


def _nothing(what: str) -> None:
    pass


class FakeObjects:
    """``exports.ports.Objects`` in memory."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.before: Callable[[str], None] = _nothing
        """Called with each operation and its key, before it takes effect."""

    @contextmanager
    def open(self, key: str) -> Iterator[BinaryIO]:
        self.before(f"open {key}")
        if key not in self.content:
            raise NoObjectError(f"there is no object {key}")
        yield io.BytesIO(self.content[key])

    def keys_under(self, prefix: str) -> Iterator[str]:
        self.before(f"list {prefix}")
        yield from sorted(key for key in self.content if key.startswith(prefix))

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.before(f"put {key}")
        self.content[key] = content

    def put_file(self, key: str, file: BinaryIO, content_type: str) -> None:
        self.before(f"put {key}")
        file.seek(0)
        self.content[key] = file.read()

    @contextmanager
    def writer(self, key: str, content_type: str) -> Iterator[BinaryIO]:
        self.before(f"put {key}")
        pieces = io.BytesIO()
        yield pieces
        self.content[key] = pieces.getvalue()

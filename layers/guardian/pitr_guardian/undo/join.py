"""A shard's changes joined by key, on disk: memory doesn't grow with the shard."""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path

from pitr_guardian.exports.images import Images, images_of
from pitr_guardian.exports.record import Change, change_of
from pitr_guardian.exports.values import key_text
from pitr_guardian.exports.window import Kind
from pitr_guardian.undo.order import UndoOrder

_CACHE_KB = 4 * 1024
"""A small plan's shard fills it as well as a large one's; more of it isn't faster."""


class Join:
    """The changes that P and D name, by key."""

    def __init__(self, database: sqlite3.Connection, order: UndoOrder) -> None:
        """Join into a database of this one's own."""
        self._database = database
        self._order = order
        database.executescript(
            f"""
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            PRAGMA cache_size = -{_CACHE_KB};
            CREATE TABLE change (key TEXT, export TEXT, line BLOB);
            """
        )

    def add(self, export: str, lines: Iterable[bytes]) -> None:
        """Add the changes that an export names."""
        names = self._order.shape.key.names
        with self._database:
            self._database.executemany(
                "INSERT INTO change VALUES (?, ?, ?)",
                ((key_text(change_of(line).key, names), export, line) for line in lines),
            )

    def images(self) -> Iterator[Images]:
        """Give each item's images, in the order of the keys: the same one each time."""
        # Made last: an index of sorted keys is filled faster than one that is kept sorted.
        self._database.execute("CREATE INDEX by_key ON change (key, export)")
        rows = self._database.execute(
            "SELECT key, export, line FROM change INDEXED BY by_key ORDER BY key, export"
        )
        for _, named in groupby(rows, key=lambda row: row[0]):
            by_export: dict[str, Change] = {row[1]: change_of(row[2]) for row in named}
            yield self._images(by_export.get("P"), by_export.get("D"))

    def _images(self, p: Change | None, d: Change | None) -> Images:
        windows = self._order.windows
        kind = windows.kind if windows else Kind.LONG  # what an undo did is known for certain
        return images_of(kind, p, d, self._order.to)


@contextmanager
def joining(order: UndoOrder) -> Iterator[Join]:
    """Open a join that is gone afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "shard")) as database,
    ):
        yield Join(database, order)

"""What a proof needs of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Iterator, Sequence

    from pitr_guardian.exports.record import Item
    from pitr_guardian.tables.reference import TableRef


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and the key to go on behind; None at the end."""

    items: Sequence[Item]
    after: Item | None


class ReadableItems(Protocol):
    """Items of a table, the live one or its copy, read strongly consistent."""

    def read(self, table: TableRef, keys: Sequence[Item]) -> Sequence[Item | None]:
        """Read items by their keys; as many as are asked for, in their order.

        Raises:
            TryLaterError: throttled for longer than is waited, or a fault on AWS's side.
            RefusedError: anything else that AWS says no to, as that the table is gone.
        """


class TableItems(ReadableItems, Protocol):
    """Items of the live table and of its copy, by keys and page by page."""

    def page(
        self, table: TableRef, segment: int, of: int, after: Item | None, most: int | None
    ) -> Page:
        """Read a page of one of a table's parts: at most 1 MB.

        Args:
            table: the table.
            segment: the part's number, from 0.
            of: how many parts there are, 1 to 1,000,000.
            after: the key that the page before ended with; None for the first.
            most: items that are read, at most; None for as many as fit.

        Raises:
            As ``ReadableItems``.
        """


class AnyItem(Protocol):
    """Some item of the live table."""

    def item_in(self, table: TableRef, segment: int, of: int) -> Item | None:
        """Read the first item of one of a table's parts; None where it has none.

        Args:
            table: the table.
            segment: the part's number, from 0.
            of: how many parts there are.

        Raises:
            As ``ReadableItems``.
        """


class PartitionItems(Protocol):
    """Items of the live table that have one partition key's value."""

    def partition(self, table: TableRef, key: Item) -> Iterator[Item]:
        """Read all items of a partition key's value.

        Raises:
            As ``ReadableItems``.
        """

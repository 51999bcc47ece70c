"""Two tables side by side, item by item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from .catalog import Item


@dataclass(frozen=True)
class Row:
    """One id, as each of the two tables has it."""

    source: Item | None
    restored: Item | None

    @property
    def item(self) -> Item:
        return self.restored or self.source or {}

    @property
    def is_unwanted(self) -> bool:
        """It is in the spoilt table only."""
        return self.restored is None

    @property
    def changed(self) -> tuple[str, ...]:
        """Names of the attributes in which the two differ."""
        if self.source is None or self.restored is None:
            return ()
        names = self.source.keys() | self.restored.keys()
        return tuple(
            sorted(name for name in names if self.source.get(name) != self.restored.get(name))
        )

    @property
    def verdict(self) -> str:
        if self.source is None:
            return "not in the source"
        if self.restored is None:
            return "left out"
        if self.changed:
            return f"{', '.join(self.changed)} as it was"
        return "same"


def compare(source: Iterable[Item], restored: Iterable[Item]) -> list[Row]:
    """Put the items of both tables side by side, by id."""
    left, right = ({item["Id"]: item for item in items} for items in (source, restored))
    return [Row(left.get(number), right.get(number)) for number in sorted(left | right)]


def table_of(rows: Iterable[Row], source_name: str, restored_name: str) -> Table:
    """Draw it: the price in each table, which is what the story spoils."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("Id", justify="right")
    table.add_column("Title", overflow="fold")
    for name in (source_name, restored_name):
        table.add_column(f"Price in\n{name}", justify="right", overflow="fold")
    table.add_column("Restored", overflow="fold")
    for row in rows:
        table.add_row(*_cells(row), style="" if row.verdict == "same" else "bold")
    return table


def _cells(row: Row) -> Iterator[Text]:
    yield Text(str(row.item["Id"]))
    yield Text(str(row.item.get("Title", "")))
    for item in (row.source, row.restored):
        yield Text("-" if item is None else str(item.get("Price", "")))
    yield Text(row.verdict)

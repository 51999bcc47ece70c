"""Tables on a terminal: aligned columns, folded where the terminal ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pitr_guardian_cli.terminal.plain import plain

FOLDED = 1000
"""Rows of a list that is still folded and coloured."""

_STYLES = {
    "critical": "bold red",
    "warning": "yellow",
    "info": "",
    "drifted": "bold red",
    "failed": "bold red",
    "exempt": "yellow",
    "protected": "green",
}


def styled(word: str) -> Text:
    """A severity or a status, in its colour."""
    return Text(plain(word), style=_STYLES.get(word, ""))


def columns(console: Console, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings; the last column takes what room there is.

    A long list isn't folded: nobody reads it as it stands, and Rich takes two minutes for 100,000.
    """
    if len(rows) > FOLDED:
        unfolded(console, headings, rows)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for number, heading in enumerate(headings):
        is_last = number == len(headings) - 1
        table.add_column(
            heading, overflow="fold", ratio=1 if is_last and console.is_terminal else None
        )
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(plain(cell)) for cell in row))
    _print(console, table)


def unfolded(console: Console, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows under headings, a line each, in columns as wide as they need to be."""
    lines = [[_text(cell) for cell in line] for line in (headings, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = [
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ]
        console.file.write("  ".join(padded).rstrip() + "\n")


def _text(cell: object) -> str:
    return cell.plain if isinstance(cell, Text) else plain(cell)


def pairs(console: Console, values: Iterable[tuple[str, object]]) -> None:
    """Print names with their values; those without a value are left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in values:
        if value not in (None, "", [], {}):
            table.add_row(name, value if isinstance(value, Text) else Text(plain(value)))
    _print(console, table)


def heading(console: Console, text: str) -> None:
    """Print a heading, with a line above it."""
    console.print()
    console.print(plain(text), style="bold")


def _print(console: Console, table: Table) -> None:
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        console.file.write(line.rstrip() + "\n")

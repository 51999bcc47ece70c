"""Telling the story: what happens, when, and whether each claim holds.

Only bold, dim, green and red are used: they read on dark and light ground. Everything that came
from the stack is printed as plain text: it may hold brackets, which rich would take for markup.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

_TIME_WIDTH = 7  # "123.4 s"
_INDENT = _TIME_WIDTH + 2


@dataclass(frozen=True)
class Claim:
    """One thing the product promises, and whether it was seen."""

    text: str
    holds: bool
    detail: str


class Narrator:
    """Writes the story to a console, line by line, and keeps the claims for the end."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.claims: list[Claim] = []
        self._clock = clock
        self._began = clock()
        self._chapters = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the story began."""
        return self._clock() - self._began

    @property
    def failures(self) -> list[Claim]:
        return [claim for claim in self.claims if not claim.holds]

    def chapter(self, title: str) -> None:
        self._chapters += 1
        self.console.print()
        heading = Text(f"{self._chapters}. {title}", style="bold")
        # A rule would cut a heading that is too long.
        if heading.cell_len + 2 < self.console.width:
            line = "-" if self.console.options.ascii_only else "\N{BOX DRAWINGS LIGHT HORIZONTAL}"
            self.console.print(Rule(heading, align="left", style="dim", characters=line))
        else:
            self.console.print(heading)

    def say(self, text: str) -> None:
        """Tell what happens."""
        self._line_of(f"{self.elapsed:.1f} s", Text(text))

    def claim(self, text: str, holds: bool, detail: str = "") -> bool:
        """Tell whether what the product promises is so; `detail` is what was seen."""
        self.claims.append(Claim(text, holds, detail))
        line = Text.assemble(self.mark(holds), " ", Text(text, style="" if holds else "bold red"))
        if detail:
            line.append(f" ({detail})" if holds else f" Seen instead: {detail}", style="dim")
        self._line_of("", line)
        return holds

    def show(self, renderable: RenderableType) -> None:
        """Show a table or a panel, below the text."""
        self.console.print(Padding(renderable, (0, 0, 0, 2)))

    @contextmanager
    def waiting(self, for_what: str) -> Iterator[None]:
        """Show, on a terminal, that and what is being waited for."""
        with self.console.status(Text(for_what), spinner="line"):
            yield

    def mark(self, holds: bool) -> Text:
        """The tick or the cross, in letters where the terminal has no others."""
        plain = self.console.options.ascii_only
        if holds:
            return Text("ok" if plain else "\N{CHECK MARK}", style="bold green")
        return Text("NO" if plain else "\N{BALLOT X}", style="bold red")

    def _line_of(self, margin: str, text: Text) -> None:
        # A grid, so that a long line is continued under its text, whatever the width.
        grid = Table.grid(padding=(0, _INDENT - _TIME_WIDTH, 0, 0))
        grid.add_column(width=_TIME_WIDTH, justify="right", style="dim")
        grid.add_column(overflow="fold")
        grid.add_row(margin, text)
        self.console.print(grid)

"""How far something is: a line that changes on a terminal, one line an event elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from pitr_guardian_cli.terminal.plain import plain


class Stage(NamedTuple):
    """Where something stands. ``key`` tells stages apart; ``text`` may count on within one."""

    key: str
    text: str


@contextmanager
def progress(console: Console) -> Iterator[Callable[[Stage], None]]:
    """Give a function that shows the stage it is told."""
    seen: set[str] = set()

    def line(stage: Stage) -> None:
        if stage.key not in seen:
            seen.add(stage.key)
            console.print(plain(stage.text))

    if not console.is_terminal:
        yield line
        return
    with console.status(Text(""), spinner="line") as status:

        def changing(stage: Stage) -> None:
            status.update(Text(plain(stage.text)))

        yield changing

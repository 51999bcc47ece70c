"""Two consoles: results go to the one on stdout, the rest to the one on stderr."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from rich.console import Console

_UNBOUNDED = 2000
"""Columns where nobody watches: a line stays a line, for grep and for logs."""


def console(stream: TextIO) -> Console:
    """A console that prints what it is given as it stands: no markup, no guessed highlights."""
    is_watched = stream.isatty() or bool(os.environ.get("FORCE_COLOR"))
    return Console(
        file=stream,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
        width=None if is_watched or "COLUMNS" in os.environ else _UNBOUNDED,
        markup=False,
        highlight=False,
        emoji=False,
    )


def stdout() -> Console:
    """The console for results."""
    return console(sys.stdout)


def stderr() -> Console:
    """The console for everything else."""
    return console(sys.stderr)

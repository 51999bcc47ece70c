"""What a person sees: text that is safe to print, tables, and progress."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

from rich.console import Console

from pitr_guardian_cli.terminal.plain import plain


def is_attended() -> bool:
    """Whether somebody sits at both ends: what is asked is seen, and can be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def typed(console: Console, question: str) -> str:
    """Ask, and give what was typed; empty where the input has ended."""
    console.print(f"{plain(question)}:", style="bold", end=" ", soft_wrap=True)
    return sys.stdin.readline().strip()


def shown_in_browser(page: Path) -> bool:
    """Show a page in the browser; tell whether there is one."""
    return webbrowser.open(page.resolve().as_uri())

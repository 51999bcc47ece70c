"""What a person sees: text that is safe to print, tables, and progress."""

import sys


def is_attended() -> bool:
    """Whether somebody sits at both ends: what is asked is seen, and can be answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()

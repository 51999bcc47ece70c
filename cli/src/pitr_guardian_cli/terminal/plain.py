"""Text that others wrote, safe to print."""

from __future__ import annotations


def plain(value: object) -> str:
    """Write a value on one line; what isn't a character to be seen is shown as its code.

    Control characters steer the terminal, format characters turn its direction. Tags, reasons and
    user agents may hold any of them.
    """
    return "".join(_safe(character) for character in str(value))


def _safe(character: str) -> str:
    if character in "\n\t\r":
        return " "
    return character if character.isprintable() else f"\\u{ord(character):04x}"

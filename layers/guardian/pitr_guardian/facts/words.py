"""Fields of a fact, taken for what can be said in a word."""

from typing import Any


def word(value: object) -> str | None:
    """Take a field for what can be said in a word: a text, or a number; anything else is none."""
    if isinstance(value, str):
        return value or None
    found = number(value)
    return None if found is None else f"{found:.16g}"


def number(value: Any) -> float | None:
    """Take a field for a number that can be told; anything else is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 2**53:
        return value
    return None


def duration(value: object) -> str | None:
    """Say a time in seconds no finer than it matters."""
    seconds = number(value)
    if seconds is None:
        return None
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    if minutes:
        return f"{minutes} min {rest} s"
    return f"{seconds:.1f} s"

"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    PROBLEM = "problem"
    """Somebody has something to do."""
    UNKNOWN = "unknown"
    """It couldn't be looked at."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: in a sentence, with what to do where there is something."""

    check: str
    level: Level
    text: str
    remedy: str = ""
    """A command, or where to read on."""


def fine(check: str, text: str) -> Finding:
    """Nothing to do."""
    return Finding(check, Level.OK, text)


def wrong(check: str, text: str, remedy: str) -> Finding:
    """Something to do."""
    return Finding(check, Level.PROBLEM, text, remedy)

"""How a command can end: exit codes, and problems in words."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """The exit codes; part of the public contract."""

    DONE = 0
    FAILED = 1
    """Failed, or refused by the guardian."""
    USAGE = 2
    NEEDS_A_PERSON = 3
    """Done, and something needs a person."""
    NOT_PERMITTED = 4
    STILL_GOING_ON = 5
    INTERRUPTED = 130


class Problem(Exception):  # noqa: N818 - it is told to a person under this name
    """Why a command can't do what it was asked: a sentence for a person, and what to do."""

    def __init__(self, sentence: str, code: Exit = Exit.FAILED, *, remedy: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.remedy = remedy


def wrong_usage(sentence: str, remedy: str = "") -> Problem:
    """A problem with what was typed."""
    return Problem(sentence, Exit.USAGE, remedy=remedy)

"""What is wrong with somebody's request, in sentences that name each field and the remedy."""

import reprlib
from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from pitr_guardian.basics.legible import legible

OWN_WORDS = "own_words"
"""The type of a ``PydanticCustomError`` whose message says what is wrong and the remedy."""

_FAULTS_TOLD = 10


def faults_in(problem: ValidationError, remedies: Mapping[str, str]) -> str:
    """Write what is wrong with a request.

    Args:
        problem: what pydantic found.
        remedies: what to write in each field, by the fields' names; there are no other fields.
    """
    faults = {}
    for error in problem.errors(include_url=False):
        field = legible(str(error["loc"][0]), 100) if error["loc"] else "detail"
        if error["type"] == OWN_WORDS:
            faults[field] = f"{field}: {error['msg']}"
        elif field not in remedies:
            faults[field] = f"{field}: no such field; the fields are {', '.join(remedies)}"
        elif error["type"] == "missing" and len(error["loc"]) == 1:
            faults[field] = f"{field}: missing; {remedies[field]}"
        else:
            faults[field] = f"{field}: {_short(error['input'])} is no good; {remedies[field]}"
    more = len(faults) - _FAULTS_TOLD
    told = list(faults.values())[:_FAULTS_TOLD]
    return ". ".join([*told, f"{more} more fields are at fault"] if more > 0 else told)


def _short(value: object) -> str:
    """Repeat what was given, escaped; only as much of it is written as is told."""
    # What was made of it on the way isn't what was given.
    text = _ECHO.repr(value.isoformat() if isinstance(value, datetime) else value)
    return text if len(text) <= 100 else f"{text[:97]}..."


_ECHO = reprlib.Repr(maxstring=100, maxother=100)

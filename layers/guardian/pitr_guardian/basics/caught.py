"""What a workflow caught, as a sentence: ``Error`` and ``Cause`` as Step Functions gives them."""

import json

from pitr_guardian.basics.legible import legible

_LONGEST = 1000
"""Characters of a cause, which may have 32,768."""


def said_by(error: str, cause: str) -> str:
    """Say it as an error, which begins with a name and a colon.

    Args:
        error: the error's name.
        cause: for a Lambda, JSON with ``errorMessage``; whatever else it may be is told as it is.
    """
    return ": ".join(filter(None, (error, _message_in(cause))))


def _message_in(cause: str) -> str:
    try:
        told = json.loads(cause)
    except ValueError:
        told = None
    message = told.get("errorMessage") if isinstance(told, dict) else None
    return legible(message if isinstance(message, str) else cause, _LONGEST)

"""How the pages say things: lengths of time, shares, and text that somebody else wrote."""

from datetime import datetime
from itertools import pairwise
from math import floor

from pitr_guardian.basics.instants import spoken
from pitr_guardian.basics.legible import legible

_LONGEST = 200

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def length(seconds: float) -> str:
    """Say how long something took, in the two largest units: `3 h 12 min`."""
    rest = round(seconds)
    for (size, unit), (small_size, small) in pairwise(_UNITS):
        if rest >= size:
            few = rest % size // small_size
            return f"{rest // size} {unit} {few} {small}" if few else f"{rest // size} {unit}"
    return f"{rest} s"


def many(count: int, what: str, plural: str | None = None) -> str:
    """Say how many of what."""
    return f"{count:,} {what if count == 1 else plural or f'{what}s'}"


def percent(share: float) -> str:
    """Say a share, rounded down: only all of them are 100 %."""
    return f"{floor(share * 1000) / 10:g} %"


def minute(instant: datetime) -> str:
    """Say an instant to the minute, in UTC without saying so: the page says it once, for all."""
    return spoken(instant)[:16]


def clean(text: str) -> str:
    """Show what somebody else wrote, legible and not at length."""
    return legible(text, _LONGEST)

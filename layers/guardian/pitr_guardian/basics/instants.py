"""Instants: always aware, always UTC; on the wire ISO 8601 with milliseconds and ``Z``."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

Clock = Callable[[], datetime]
"""Tells the time. Injected everywhere, so that tests own it."""


def utc_now() -> datetime:
    """Tell the time of now; the one clock of production."""
    return datetime.now(UTC)


def iso(instant: datetime) -> str:
    """Write an instant the way every fact, ledger record and sentence does."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def spoken(instant: datetime) -> str:
    """Write an instant for a person: to the second, in UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _in_utc(instant: datetime) -> datetime:
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("in UTC it is outside the calendar") from None


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc), PlainSerializer(iso, return_type=str)]
"""A pydantic field that holds an instant."""

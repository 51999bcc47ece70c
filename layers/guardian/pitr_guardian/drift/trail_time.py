"""Timestamps inside CloudTrail's copies of requests and answers, which have no one format."""

from datetime import UTC, datetime

_FIRST_YEAR, _LAST_YEAR = 2012, 2200  # there was no DynamoDB before, and no clock is that wrong
_MILLISECONDS = 100_000_000_000  # a number as large as this isn't one of seconds


def instant_of(value: object) -> datetime | None:
    """Read an instant that a service wrote into CloudTrail's record; None where it can't be read.

    Seen are seconds or milliseconds since 1970, ISO 8601, and ``Nov 4, 2016 7:32:24 PM`` with or
    without a comma after the year, in UTC (CloudTrail user guide, log file examples).
    """
    try:
        instant = _read(value)
    except (OSError, OverflowError, ValueError):
        return None
    return instant if instant and _FIRST_YEAR <= instant.year <= _LAST_YEAR else None


def _read(value: object) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value >= _MILLISECONDS else value
        return datetime.fromtimestamp(seconds, UTC)
    if not isinstance(value, str) or len(value) > 50:
        return None
    words = value.replace(",", " ").split()  # newer Java writes narrow spaces, which this splits at
    if words and words[-1].upper() in ("AM", "PM"):
        written = datetime.strptime(" ".join(words), "%b %d %Y %I:%M:%S %p")  # noqa: DTZ007
        return written.replace(tzinfo=UTC)
    instant = datetime.fromisoformat(value)
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)

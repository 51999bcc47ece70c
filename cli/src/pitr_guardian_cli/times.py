"""Instants, as a person types and reads them.

Typed: ISO 8601 with offset (``2026-11-22T10:14:59Z``), a time of today (``10:14:59``) in the zone
that is shown, or so long ago (``-15m``). Shown: ISO 8601 in that zone, to the second.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from pitr_guardian_cli.problems import wrong_usage

_AGO = re.compile(r"-(\d{1,6})([smhd])", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_FORMS = "give an ISO 8601 instant with offset (2026-11-22T10:14:59Z), a time of today (10:14:59), "
_FORMS += "or so long ago (-15m)"


def instant(text: str, now: datetime, zone: tzinfo | None = None) -> datetime:
    """Read an instant, in UTC, to the second.

    Args:
        text: what was typed.
        now: with a zone.
        zone: the zone that is shown; None for the machine's own.

    Raises:
        Problem: it is none, or lies in the future.
    """
    if ago := _AGO.fullmatch(text):
        found = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    elif time := _TIME.fullmatch(text):
        found = _today(text, time, now, zone)
    else:
        found = _iso(text)
    found = found.astimezone(UTC).replace(microsecond=0)
    if found > now:
        raise wrong_usage(
            f"{text} is later than now, {shown(now, zone)}",
            f"for another day, give it whole: {shown(found - timedelta(days=1), zone)}",
        )
    return found


def _today(text: str, time: re.Match[str], now: datetime, zone: tzinfo | None) -> datetime:
    hour, minute, second = (int(part or 0) for part in time.groups())
    try:
        naive = now.astimezone(zone).replace(
            hour=hour, minute=minute, second=second, microsecond=0, tzinfo=None
        )
    except ValueError:
        raise wrong_usage(f"{text} is no time of the day", _FORMS) from None
    # By the zone's rules at that time, which need not be those of now.
    return naive.astimezone() if zone is None else naive.replace(tzinfo=zone)


def _iso(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise wrong_usage(f"{text!r} is no instant", _FORMS) from None
    if found.tzinfo is None:
        raise wrong_usage(
            f"{text} doesn't say in which zone it is", f"add Z for UTC, or an offset: {text}+01:00"
        )
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise wrong_usage(f"{text} is out of every calendar", _FORMS) from None


def day(text: str) -> date:
    """Read a date, ``YYYY-MM-DD``.

    Raises:
        Problem: it is none.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.isoformat() != text:  # Python takes 20270131, too
        raise wrong_usage(f"{text!r} is no date", "give it as YYYY-MM-DD")
    return found


def wire(at: datetime) -> str:
    """Write an instant as requests take it: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parsed(text: object) -> datetime | None:
    """Read an instant that a program wrote; None where there is none."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def shown(at: datetime, zone: tzinfo | None = None) -> str:
    """Write an instant for a person: in their zone, with the offset, to the second."""
    return at.astimezone(zone).isoformat(sep=" ", timespec="seconds")


def duration(seconds: float) -> str:
    """Write a length of time: ``48 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    whole = max(int(seconds), 0)
    if whole < 120:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"

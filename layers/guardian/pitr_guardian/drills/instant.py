"""To which instant a drill restores."""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from pitr_guardian.basics.instants import iso
from pitr_guardian.tables.observation import Window

_MOVING = timedelta(hours=1)
"""A full window's beginning moves on while a restore waits for its turn."""
_NOT_EXPORTED = timedelta(minutes=16)
"""The history since an instant can't be exported before it is 15 minutes long: a drill would wait,
and its recovery time with it."""


def instant_in(
    window: Window, asked: datetime | Literal["latest", "random"], drill_id: str
) -> datetime | str:
    """Choose the instant; or tell, in a sentence, why there is none.

    Args:
        window: the table's PITR window, by AWS's clock.
        asked: what the request says.
        drill_id: what a random instant comes of: the same drill has the same, and nobody chooses
            which. It is spread evenly over the window, as old points rot unseen; its very ends
            are left out, where it is long enough.
    """
    earliest = window.earliest + timedelta(microseconds=-window.earliest.microsecond % 1_000_000)
    latest = window.latest.replace(microsecond=0)
    if earliest > latest:
        return (
            "at: the table's PITR window has no whole second yet, as PITR was switched on just "
            "now; ask again in a few minutes"
        )
    if asked == "latest":
        return latest
    if asked == "random":
        first = earliest + min(_MOVING, (latest - earliest) // 10)
        first = first.replace(microsecond=0)
        last = max(first, latest - _NOT_EXPORTED)
        seconds = int((last - first).total_seconds())
        drawn = int.from_bytes(hashlib.sha256(drill_id.encode()).digest()[:8])
        return last - timedelta(seconds=drawn % (seconds + 1))
    if earliest <= asked <= latest:
        return asked
    return (
        f"at: {iso(asked)} is outside the table's PITR window, from {iso(earliest)} to "
        f"{iso(latest)}; give an instant in it, `latest` or `random`"
    )

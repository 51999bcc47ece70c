"""Which exports tell what every item of a table was at two instants.

The damage was done in [from, to). An incremental export covers 15 minutes to 24 hours, in whole
seconds, begins within the PITR window and ends in the past (API reference,
``IncrementalExportSpecification``). So there are three kinds of window, told apart by ``Kind``.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pitr_guardian.basics.instants import Instant, iso
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.tables.observation import Window

SHORTEST, LONGEST = timedelta(minutes=15), timedelta(hours=24)
"""Of an incremental export (API reference, ``IncrementalExportSpecification``)."""
_SKEW = timedelta(minutes=1)
_MARGIN = timedelta(minutes=2)
"""A full PITR window's beginning moves on while a request is taken in and its exports start."""


class Kind(StrEnum):
    """How the images of a window are found; ``images.images_of`` has the rule for each."""

    LONG = "long"
    """15 minutes or more: one export D of the window itself."""
    SHORT = "short"
    """Shorter: D and P, both from 15 minutes before ``from``; P up to ``from``, D up to ``to``."""
    YOUNG = "young"
    """Shorter, and too near to the PITR window's beginning: D alone, up to ``from`` + 15 min."""


class ExportWindow(StoredModel):
    """One export to ask for: [from, to), in whole seconds.

    ``name`` tells the exports of one purpose apart; an undo's are ``P`` and ``D``.
    """

    name: str
    from_: Instant
    to: Instant


class Windows(StoredModel):
    """The exports that tell what items were at ``from`` and at ``to``."""

    kind: Kind
    from_: Instant
    to: Instant
    exports: tuple[ExportWindow, ...]

    @property
    def not_before(self) -> datetime:
        """When AWS's latest restorable instant has reached this, all exports can be asked for."""
        return max(export.to for export in self.exports)


def windows_of(from_: datetime, to: datetime, earliest: datetime) -> Windows:
    """Choose the exports for a window.

    Args:
        from_: its beginning, whole seconds, not before ``earliest``.
        to: its end, whole seconds, after ``from_`` and at most ``LONGEST`` after it.
        earliest: the earliest instant of the table's PITR window.
    """
    if to - from_ >= SHORTEST:
        return Windows(
            kind=Kind.LONG,
            from_=from_,
            to=to,
            exports=(ExportWindow(name="D", from_=from_, to=to),),
        )
    start = from_ - SHORTEST
    if start >= earliest + _MARGIN:
        return Windows(
            kind=Kind.SHORT,
            from_=from_,
            to=to,
            exports=(
                ExportWindow(name="P", from_=start, to=from_),
                ExportWindow(name="D", from_=start, to=to),
            ),
        )
    young = ExportWindow(name="D", from_=from_, to=from_ + SHORTEST)
    return Windows(kind=Kind.YOUNG, from_=from_, to=to, exports=(young,))


def unfit(from_: datetime, to: datetime, now: datetime) -> str | None:
    """Tell why no table's history could be read for a window; None where it could be.

    Args:
        from_: its beginning, whole seconds.
        to: its end, whole seconds.
        now: the time. Clocks differ: a minute ahead of ours is let pass, and waited for.
    """
    if from_ >= to:
        return (
            f"from, to: {iso(from_)} isn't before {iso(to)}; give as `from` the instant at which "
            "the items were still good, and as `to` one after the damage"
        )
    if to > now + _SKEW:
        return (
            f"to: {iso(to)} is in the future (it is {iso(now)}); leave `to` out, or give an "
            "instant of the past: damage that still goes on can't be undone"
        )
    if to - from_ > LONGEST:
        return (
            f"from, to: {iso(from_)} to {iso(to)} is more than 24 hours, as many as AWS exports at "
            "once; narrow it down, or undo the last 24 hours first, then those before, each up to "
            "where the one before began"
        )
    return None


def outside(from_: datetime, window: Window) -> str | None:
    """Tell why a window can't be read from this table's history; None where it can.

    Args:
        from_: its beginning, whole seconds.
        window: the table's PITR window, by AWS's clock.
    """
    earliest = window.earliest + timedelta(microseconds=-window.earliest.microsecond % 1_000_000)
    if from_ >= earliest:
        return None
    return (
        f"from: {iso(from_)} is before the table's history begins; it is kept from "
        f"{iso(earliest)} on, up to {iso(window.latest)} by now: give an instant in between"
    )

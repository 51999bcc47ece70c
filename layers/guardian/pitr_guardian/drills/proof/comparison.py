"""Whether one item of a copy is right: the rule of a drill's proof.

What the item was at the restored instant is told by the table's own history (``history``): by the
oldest export that names its key, for certain. Of a key that none names, by what was read of the
live table, as far as the exports reach over that reading; and by an export of the very instant
where what was read differs all the same: an item that comes and goes is at neither end of a window.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pitr_guardian.drills.proof.digests import Digest


class Verdict(StrEnum):
    """What is known of an item of the copy."""

    EQUAL = "equal"
    """It is as it was, and so is the live one."""
    EXPLAINED = "explained"
    """It is as it was; the live one isn't, by the table's own history."""
    OPEN = "open"
    """It differs from what is known so far, which isn't certain yet: the next round tells."""
    MISMATCHED = "mismatched"
    """It isn't as it was."""

    @property
    def right(self) -> bool:
        """Whether the copy has the item as it was."""
        return self in {Verdict.EQUAL, Verdict.EXPLAINED}


@dataclass(frozen=True, slots=True)
class Naming:
    """What the oldest export that names a key says: the item at its beginning."""

    from_: datetime
    old: Digest | None


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known of an item; None is no item.

    ``copy`` and ``live`` are what was read, ``naming`` is None where no export names the key.
    """

    copy: Digest | None
    live: Digest | None
    naming: Naming | None = None

    def named(self, naming: Naming | None) -> "Known":
        """The same, with what another export says: the oldest counts."""
        if naming is None or (self.naming is not None and self.naming.from_ <= naming.from_):
            return self
        return Known(self.copy, self.live, naming)


def verdict_of(known: Known) -> Verdict:
    """Judge an item by exports and readings.

    EQUAL by a reading stands once the exports reach over the reading; see ``rests_on_reading``.
    """
    expected = known.live if known.naming is None else known.naming.old
    if known.copy != expected:
        return Verdict.OPEN
    return Verdict.EQUAL if known.copy == known.live else Verdict.EXPLAINED


def rests_on_reading(known: Known) -> bool:
    """Whether a verdict holds only if an export reaches over the reading of the live item."""
    return known.naming is None


def final_verdict(known: Known, at_the_instant: Digest | None) -> Verdict:
    """Judge an item that stayed open by an export of the very instant.

    An export of history alone would be enough for most. But nobody says on which side of a write
    in that very second a restore falls, nor do exports name what came and went: a copy is called
    wrong if neither source has the item so.
    """
    if known.copy == at_the_instant:
        return Verdict.EQUAL if known.copy == known.live else Verdict.EXPLAINED
    return Verdict.MISMATCHED

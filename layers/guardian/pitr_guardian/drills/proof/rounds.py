"""A proof goes in rounds: what the next one is for, and when there is none.

The first runs beside the restore. Another one reaches over what was read of the live table, so that
nothing that was written meanwhile can have made a wrong item look right. Two more are for items
that still differ, which is rare: they are read again, since many come and go; and AWS is asked for
those that are left as they were at the very instant, each by an export of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import StoredModel
from pitr_guardian.drills.proof.comparison import Known, Verdict, rests_on_reading, verdict_of
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.window import ExportWindow

MOST_EXACT = 100
"""Items that are exported as they were at the very instant; more than that stay unsettled."""


class Purpose(StrEnum):
    """What a round is for."""

    FIRST = "first"
    """Exports up to when the drill was asked for, beside the restore."""
    CONFIRM = "confirm"
    """Exports up to behind what was read."""
    READ_AGAIN = "readAgain"
    """The open items are read again, and exports reach over that."""
    EXACT = "exact"
    """Exports of the open items at the very instant."""


class Round(StoredModel):
    """A round, as it is kept from its planning on."""

    number: int
    purpose: Purpose
    windows: tuple[ExportWindow, ...] = ()
    """Of its incremental exports, oldest first; there are none of EXACT."""
    keys: tuple[Item, ...] = ()
    """Of the items that EXACT exports, one for each export."""


class Tally(StoredModel):
    """What became of the items of a shard, or of all of them, in a round."""

    equal: int = 0
    explained: int = 0
    open_unnamed: int = 0
    """They differ from what was read, and no export names them."""
    open_named: int = 0
    """They differ from what an export says."""
    resting: int = 0
    """Of the right ones, those that were only read: an export has to reach over that."""
    mismatched: int = 0
    unsettled: int = 0
    """There were more open items than are exported one by one."""

    @property
    def right(self) -> int:
        """How many are as they were."""
        return self.equal + self.explained

    @property
    def open(self) -> int:
        """How many differ, and aren't certain."""
        return self.open_unnamed + self.open_named

    @property
    def compared(self) -> int:
        """All of them."""
        return self.right + self.open + self.mismatched + self.unsettled

    def __add__(self, other: "Tally") -> "Tally":
        mine, others = self.model_dump(), other.model_dump()
        return Tally(**{name: mine[name] + others[name] for name in mine})


def tally_of(knowns: Iterable[Known]) -> Tally:
    """Count the items of a round that no export of the very instant tells of."""
    counts = dict.fromkeys(Tally.model_fields, 0)
    for known in knowns:
        verdict, resting = verdict_of(known), rests_on_reading(known)
        if verdict is Verdict.OPEN:
            counts["open_unnamed" if resting else "open_named"] += 1
        else:
            counts[verdict] += 1
            counts["resting"] += resting
    return Tally(**counts)


def after(purpose: Purpose, tally: Tally) -> Purpose | None:
    """Tell what to do after a round; None where all is known."""
    if purpose is Purpose.FIRST:
        return Purpose.CONFIRM if tally.open or tally.resting else None
    if purpose is Purpose.CONFIRM and tally.open_unnamed:
        return Purpose.READ_AGAIN
    return Purpose.EXACT if purpose is not Purpose.EXACT and tally.open else None


class Looked(StoredModel):
    """When a round's items were compared, and what was found."""

    number: int
    compared_at: Instant
    tally: Tally


def verified_at(rounds: Iterable[Looked]) -> datetime | None:
    """When the copy was proved: the first look from which on nothing was open or wrong.

    The rounds that follow only see to it that nothing that was written meanwhile made it look so.
    None where it wasn't proved.
    """
    proved: datetime | None = None
    for look in rounds:
        if look.tally.compared != look.tally.right:
            proved = None
        elif proved is None:
            proved = look.compared_at
    return proved

"""What an item was at a window's beginning and at its end, from the exports that name it.

An export names each key once: with the item just before the export's window and at its end. An
item that is born and dies within it is not named; so whoever isn't named is at its end as at its
beginning, and no more is known. Hence P and D begin together: with beginnings that differ, an item
that lived before the later one and died before ``from`` would come back from the dead.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pitr_guardian.exports.record import Change, Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.exports.window import Kind

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Images:
    """An item at ``from`` and at ``to``; None where there was none.

    ``known`` is False where ``new`` isn't known: the item was written again after ``to``, before
    the one export that there could be ended. ``new`` is then the item at that end.
    """

    key: Item
    old: Item | None
    new: Item | None
    known: bool = True

    @property
    def differ(self) -> bool:
        """Whether the item was changed at all, as far as is known."""
        return not self.known or not same_item(self.old, self.new)


def images_of(kind: Kind, p: Change | None, d: Change | None, to: datetime) -> Images:
    """Find an item's images.

    Args:
        kind: of the window.
        p: what export P says of the item, where it names it; there is none but for short windows.
        d: what export D says of it.
        to: the end of the window.

    Raises:
        ValueError: neither names it.
    """
    change = d or p
    if change is None:
        raise ValueError("an item that no export names")
    if kind is Kind.SHORT:
        old = p.new if p else change.old
        new = d.new if d else change.old
        return Images(change.key, old, new)
    is_known = kind is Kind.LONG or change.written_at < (to - _EPOCH) // timedelta(microseconds=1)
    return Images(change.key, change.old, change.new, is_known)

"""What is planned for an item: the rule of this package, and nothing but it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import differing, same, same_item
from pitr_guardian.undo.line import Planned

_TTL_REACHES_BACK = timedelta(days=5 * 365)

NOT_KNOWN = (
    "it was written again soon after the window, so what it was at the window's end isn't known; "
    "ask again with `to` after that write, if that write was damage as well"
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is planned, and for a conflict why: a sentence without the item's content."""

    planned: Planned
    why: str | None = None


def classify(
    images: Images,
    live: Item | None,
    ttl: str | None,
    now: datetime,
    conflicts: Literal["keep", "overwrite"] = "keep",
) -> Verdict:
    """Tell what to do with an item that the damage changed.

    Args:
        images: the item at the window's beginning (old) and at its end (new); None: no item.
        live: the item as it is now.
        ttl: the table's TTL attribute; None where TTL isn't enabled.
        now: the instant by which an item has expired.
        conflicts: ``keep``: what others wrote since stays; ``overwrite``: the good item wins. Never
            where it isn't known that the item was damaged.
    """
    old, new = images.old, images.new
    if same_item(live, old):
        return Verdict(Planned.AS_BEFORE)
    if has_expired(old, ttl, now):
        return Verdict(Planned.EXPIRED)
    if not images.known:
        return Verdict(Planned.CONFLICT, NOT_KNOWN)
    if same_item(live, new):
        return Verdict(_back(old, live))
    if old is not None and new is not None and live is not None:
        damaged = differing(old, new)
        left = [name for name in damaged if not same(live.get(name), old.get(name))]
        if all(same(live.get(name), new.get(name)) for name in left):
            # Nothing of the damage may be left: then what differs is others' work alone.
            return Verdict(Planned.MERGE if left else Planned.AS_BEFORE)
    if conflicts == "overwrite":
        return Verdict(_back(old, live))
    return Verdict(Planned.CONFLICT, _why(images, live))


def has_expired(item: Item | None, ttl: str | None, now: datetime) -> bool:
    """Tell whether DynamoDB would delete an item as expired.

    It goes by a number at the top of the item, in seconds since the epoch, and leaves alone what is
    more than five years past (developer guide, "Using time to live (TTL) in DynamoDB").
    """
    if item is None or ttl is None or "N" not in item.get(ttl, {}):
        return False
    expires = Decimal(item[ttl]["N"])
    latest = Decimal(now.timestamp())
    return latest - Decimal(_TTL_REACHES_BACK.total_seconds()) < expires <= latest


def _back(old: Item | None, live: Item | None) -> Planned:
    if old is None:
        return Planned.REMOVE
    return Planned.PUT_BACK if live is None else Planned.REVERT


def _why(images: Images, live: Item | None) -> str:
    old, new = images.old, images.new
    if old is None:
        return "it was inserted in the window, and somebody has changed it since"
    if new is None:
        return "it was deleted in the window, and somebody has made another of its key since"
    if live is None:
        return "it was updated in the window, and somebody has deleted it since"
    damaged = differing(old, new)
    written = [
        name
        for name in damaged
        if not same(live.get(name), old.get(name)) and not same(live.get(name), new.get(name))
    ]
    return (
        f"of the {len(damaged)} attributes that were changed in the window, somebody has written "
        f"{len(written)} since"
    )

"""An item that isn't as the plan saw it: classified anew, and never more is written than planned.

Also what had been asked to be overwritten isn't, where it changed after the plan: nobody has read
that.
"""

from datetime import datetime

from pitr_guardian.exports.images import Images
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.undo.classify import classify, has_expired
from pitr_guardian.undo.line import Line, Planned

EXPIRED_SINCE = "since the plan it has expired by the table's TTL"


def anew(line: Line, found: Item | None, ttl: str | None, now: datetime) -> Line:
    """Plan an item again, from what was found instead of what the plan saw.

    Args:
        line: the plan's line, one that writes.
        found: the item as it is.
        ttl: the table's TTL attribute; None where TTL isn't enabled.
        now: the instant by which an item has expired.

    Returns:
        a line that may be written, is ``asBefore`` (its work is done already), or a conflict.
    """
    images = Images(line.key, line.old, _to_go(line))
    verdict = classify(images, found, ttl, now)
    planned, why = verdict.planned, verdict.why
    if planned is Planned.EXPIRED:
        planned, why = Planned.CONFLICT, EXPIRED_SINCE
    return Line(key=line.key, planned=planned, old=line.old, new=images.new, live=found, why=why)


def still_due(line: Line, ttl: str | None, now: datetime) -> Line:
    """Leave out what has expired since the plan."""
    if not line.planned.writes or not has_expired(line.old, ttl, now):
        return line
    return line.model_copy(update={"planned": Planned.CONFLICT, "why": EXPIRED_SINCE})


def _to_go(line: Line) -> Item | None:
    """What is to be undone: the damage, or what was to be overwritten as the plan saw it."""
    if line.planned is Planned.MERGE or same_item(line.live, line.new):
        return line.new
    return line.live

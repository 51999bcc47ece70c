"""Which exports tell what an item was at the instant that was restored.

They lie end to end, [at, …): the oldest export that names a key has in its ``OldImage`` the item as
it was at ``at``, since none before it names the key. A key that none of them names is at the end of
the last one as it was at ``at``. An item that is born and dies within one isn't named; it is at
neither end.

What was read of the live table is good for the end of the last export only, so the exports of each
further round end right behind what was read. They begin where the last one before them began: that
one would have to be 15 minutes long otherwise, and windows with one beginning agree on what was
before.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from pitr_guardian.exports.window import LONGEST, SHORTEST, ExportWindow

_SKEW = timedelta(seconds=1)
"""How far DynamoDB's clock may be ahead of ours."""


def first_round(at: datetime, accepted_at: datetime) -> tuple[ExportWindow, ...]:
    """The exports that run beside the restore: from ``at`` to when the drill was accepted.

    Args:
        at: the instant that is restored, whole seconds.
        accepted_at: when the drill was accepted. Where that is less than 15 minutes after ``at``,
            the export ends 15 minutes after it, and has to be waited for.
    """
    return end_to_end(at, max(_whole(accepted_at), at + SHORTEST), 0)


def next_round(
    before: Sequence[ExportWindow], read_until: datetime, number: int
) -> tuple[ExportWindow, ...]:
    """The exports of a further round, which end right behind what was read.

    Args:
        before: the exports of the round before.
        read_until: when the last item was read of the live table, by our clock.
        number: the round's number, 1 for the first after ``first_round``.
    """
    begin = before[-1].from_
    return end_to_end(begin, max(covering(read_until), begin + SHORTEST), number)


def covering(read_until: datetime) -> datetime:
    """The first whole second after a reading, by either clock."""
    return _whole(read_until) + _SKEW + timedelta(seconds=1)


def end_to_end(from_: datetime, to: datetime, number: int) -> tuple[ExportWindow, ...]:
    """Windows of 15 minutes to 24 hours, of about one length, in whole seconds.

    Args:
        from_: the first one's beginning, whole seconds.
        to: the last one's end, whole seconds, at least 15 minutes later.
        number: the round's, which is in their names.
    """
    seconds = int((to - from_).total_seconds())
    count = max(-(-seconds // int(LONGEST.total_seconds())), 1)
    ends = [from_ + timedelta(seconds=seconds * part // count) for part in range(count + 1)]
    return tuple(
        ExportWindow(name=f"{number}-{part:03}", from_=begin, to=end)
        for part, (begin, end) in enumerate(pairwise(ends))
    )


def _whole(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)

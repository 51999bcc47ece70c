"""How many answers requests of one id may have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.chaos.record import Asked, AskedUndo, Record


def miscounted(
    record: Record,
    what: str,
    id: str,
    events: Sequence[Asked | AskedUndo],
    ended: set[str],
    refusals: set[str],
) -> Iterator[str]:
    """Say what is wrong with the answers to requests of one id.

    The same request again is the same request, and shares its answer; another one under the same
    id is refused. What nobody managed to handle lies among the undelivered.

    Args:
        record: the run.
        what: what was asked for, in words.
        id: that of the requests.
        events: the requests.
        ended: the facts, by id, that tell how it ended.
        refusals: those that tell that it was refused.
    """
    kept = sum(any(each.event_id in body for body in record.undelivered) for each in events)
    if len(ended) > 1:
        yield f"{what} ended {len(ended)} times"
    elif ended and len(refusals) >= len(events):
        yield f"{what} was asked for {len(events)} times, refused each time, and yet it was done"
    elif not ended and not len(events) - kept <= len(refusals) <= len(events):
        given_up = any(id in body for body in record.undelivered)
        if not given_up:
            yield f"{what} was asked for {len(events)} times, and answered {len(refusals)} times"

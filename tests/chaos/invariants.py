"""What holds whatever happened. Each invariant reads a record and tells what breaks it."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.chaos.announcements import each_remediation_was_announced
from tests.chaos.drill_invariants import DRILL_INVARIANTS
from tests.chaos.faults import ACCEPT, ANNOUNCE, ENFORCE
from tests.chaos.lives import exempts, lives, period_by_tag
from tests.chaos.record import Asked, Fact, Record
from tests.chaos.undo_invariants import UNDO_INVARIANTS
from tests.chaos.ways import (
    ABANDONED_DRILL,
    ABANDONED_UNDO,
    ACCEPT_DRILL,
    ACCEPT_UNDO,
    APPROVE_UNDO,
    DUE,
)
from tests.chaos.windows import each_shrinking_was_told

type Invariant = Callable[[Record], Iterator[str]]

_FIRST_ANSWERS = frozenset({"Restore Rejected", "Restore Planned"})
_LAST_ANSWERS = frozenset({"Restore Completed", "Restore Failed"})
_TRIES_OF_AN_EVENT, _RECEIVES_OF_A_MESSAGE = 3, 5


def it_came_to_rest(record: Record) -> Iterator[str]:
    """Some time after the last fault there is nothing left to do."""
    if record.unrest:
        yield f"it did not come to rest: {record.unrest}"


def each_table_is_protected(record: Record) -> Iterator[str]:
    """PITR of every table that isn't exempt is on, with its own period or a longer one.

    Its own is its tag's; else the longest that the guardian gave it or remembers of it.
    """
    last = {life.name: life for life in lives(record.calls)}
    for name, table in record.tables.items():
        if exempts(table.tags):
            continue
        if not table.on or table.period is None:
            yield f"{name} is not protected: {table}"
            continue
        own = period_by_tag(table.tags)
        if own is None:
            life, remembered = last.get(name), record.ledger.get(name)
            given = [change.after or 0 for change in life.remediations] if life else []
            own = max([*given, (remembered.period if remembered else None) or 1])
        if table.period < own:
            yield f"{name} has {table.period} days, below its own {own}: {table}"


def no_exempt_table_was_touched(record: Record) -> Iterator[str]:
    """The guardian left alone what was exempt when its protection was taken away, and since."""
    for life in lives(record.calls):
        for change in life.remediations:
            if change.exempt:
                yield f"{life.name} was exempt, and yet: {change}"


def each_request_got_one_answer(record: Record) -> Iterator[str]:
    """Rejected, or planned, or accepted and then exactly one of completed and failed.

    The same request again is the same request: it shares the answer of what was accepted. What
    was refused is answered each time, since it may be acceptable the next time.
    """
    asked: dict[tuple[str, ...], list[Asked]] = {}
    for request in record.requests:
        asked.setdefault(_key(request.content), []).append(request)
    for key, events in asked.items():
        told = [fact for fact in record.facts if _key(fact.detail) == key]
        first, accepted, last = (
            {fact.id for fact in told if fact.kind in kinds}
            for kinds in (_FIRST_ANSWERS, {"Restore Accepted"}, _LAST_ANSWERS)
        )
        kept = sum(any(event.event_id in body for body in record.undelivered) for event in events)
        if len(accepted) != len(last) or len(last) > 1:
            yield f"{key} was accepted {len(accepted)} times, and ended {len(last)} times"
        elif last and len(first) >= len(events):
            yield f"{key} was asked {len(events)} times, accepted, and rejected {len(first)} times"
        elif not last and not len(events) - kept <= len(first) <= len(events):
            yield f"{key} was asked {len(events)} times, and answered {len(first)} times"


def each_message_was_handled(record: Record) -> Iterator[str]:
    """Or it lies among the dead letters, and faults explain why; or it waits for a good reason."""
    for body in record.waiting:
        if '"look"' not in body:
            yield f"left on the enforcement queue: {body:.300}"
    hits = Counter(role for hit in record.hits for role in _ROLES if role in hit.caller)
    if record.dead_letters and hits[ENFORCE] < _RECEIVES_OF_A_MESSAGE:
        yield f"no faults explain these dead letters: {record.dead_letters}"
    tries = sum(hits[role] for role in _ROLES if role != ENFORCE)
    if record.undelivered and tries < _TRIES_OF_AN_EVENT:
        yield f"no faults explain what was not delivered: {record.undelivered}"


def each_fact_became_an_alert(record: Record) -> Iterator[str]:
    """Once at least, and no more than twice, but for the faults that hid that it was told."""
    delivered = Counter(record.alerts)
    for fact in {fact.id: fact for fact in record.facts}.values():
        if not delivered[fact.id] and not any(fact.id in body for body in record.undelivered):
            yield f"no alert told of {fact.kind} {fact.id}"
        if delivered[fact.id] > max(2, 1 + _times_hidden(record, fact)):
            yield f"{delivered[fact.id]} alerts told of {fact.kind} {fact.id}"


def no_right_was_missing(record: Record) -> Iterator[str]:
    """Whatever path a fault led to, the stack's roles were allowed what they did on it."""
    yield from record.missing_rights


_ROLES = (
    *(ENFORCE, ANNOUNCE, ACCEPT),
    *(ACCEPT_UNDO, APPROVE_UNDO, ABANDONED_UNDO),
    *(ACCEPT_DRILL, DUE, ABANDONED_DRILL),
)
_TELLING = frozenset({"PutEvents", "Publish", "TransactWriteItems"})

INVARIANTS: tuple[Invariant, ...] = (
    it_came_to_rest,
    each_table_is_protected,
    no_exempt_table_was_touched,
    each_request_got_one_answer,
    each_remediation_was_announced,
    each_shrinking_was_told,
    each_fact_became_an_alert,
    each_message_was_handled,
    no_right_was_missing,
    *UNDO_INVARIANTS,
    *DRILL_INVARIANTS,
)


def violations(record: Record, seed: int | None = None) -> list[str]:
    """All that breaks an invariant, and each invariant that broke itself: that proves nothing."""
    return [found for invariant in INVARIANTS for found in _checked(invariant, record, seed)]


def _checked(invariant: Invariant, record: Record, seed: int | None) -> list[str]:
    name, found = invariant.__name__, list[str]()
    try:
        found += (f"{name}: {broken}" for broken in invariant(record))
    except Exception as crash:  # whatever it is, the other invariants are asked
        *_, place = traceback.extract_tb(crash.__traceback__)
        where = f"{Path(place.filename).name}:{place.lineno}"
        found.append(f"{name}: the checker crashed at seed {seed}, at {where}: {crash!r}")
    return found


def _key(content: dict[str, object]) -> tuple[str, ...]:
    names = ("requestId", "sourceTable", "targetTable", "restoreTo")
    defaults = {"restoreTo": "latest"}
    return tuple(str(content.get(name) or defaults.get(name)) for name in names)


def _times_hidden(record: Record, fact: Fact) -> int:
    """How often a fault kept the teller from knowing that it had told of a table, an undo or a
    drill."""
    id_of_whole = str(fact.detail.get("planId") or fact.detail.get("drillId"))
    return sum(
        (hit.operation in _TELLING and (fact.id in hit.text or str(fact.table) in hit.text))
        or id_of_whole in hit.text
        for hit in record.hits
    )

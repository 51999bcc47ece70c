"""Every remediation was announced: at least once, and no more than twice.

What the guardian announces is a drift that is over. Somebody else may have put it right before the
guardian did, so that there may be announcements without a remediation; and somebody may take
protection away again before the guardian got to tell of the first time, so that two remediations,
whosever the first one was, are one drift. So are two that were made side by side, with nothing
taken away in between: two looks found one drift, and the table's period tag came or went between
them. From the fourth incident of an hour on, the ledger has what is not announced.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tests.chaos.faults import ENFORCE
from tests.chaos.lives import Change, Life, lives
from tests.chaos.record import Fact, Record

KINDS = frozenset({"PITR Re-enabled", "Recovery Period Restored", "Table Protected"})
INCIDENTS_OF_A_FIGHT = 3
# Between an enabling call and its announcement, where nothing goes wrong.
_TELLING = timedelta(seconds=5)
# PITR's window begins with a whole second, and an announcement may have its time from there.
_ROUNDING = timedelta(seconds=1)


def each_remediation_was_announced(record: Record) -> Iterator[str]:
    """See above."""
    all_lives = lives(record.calls)
    for name in {life.name for life in all_lives}:
        own = [life for life in all_lives if life.name == name]
        told = _announced(record, name)
        folded = _folded(record, name, {fact.id for fact in told})
        yield from _unannounced(record, own, told, folded)
        over = sum(change.protects for life in own for change in life.changes)
        if len(told) > over:
            kinds = [(fact.kind, fact.id) for fact in told]
            yield f"{name} was put right {over} times, and announced {len(told)} times: {kinds}"
        yield from _folded_in_peace(name, told, folded, own)


def _announced(record: Record, name: str) -> list[Fact]:
    """The announcements about a table, each once, oldest first."""
    about = {fact.id: fact for fact in record.facts if fact.kind in KINDS and fact.table == name}
    return sorted(about.values(), key=lambda fact: fact.time)


def _folded(record: Record, name: str, told: set[str]) -> list[Fact]:
    """The incidents that the ledger has, and nobody was told of one by one."""
    remembered = record.ledger.get(name)
    incidents = remembered.incidents if remembered else ()
    return [fact for fact in incidents if fact.kind in KINDS and fact.id not in told]


def _unannounced(
    record: Record, own: list[Life], told: list[Fact], folded: list[Fact]
) -> Iterator[str]:
    announcements = sorted([*told, *folded], key=lambda fact: fact.time)
    for life, following in zip(own, [*own[1:], None], strict=True):
        until = following.born_at if following else None
        of_this_life = [
            fact
            for fact in announcements
            if fact.time >= life.born_at and (until is None or fact.time < until)
        ]
        taken: dict[str, Change] = {}
        for change in life.remediations:
            fact = next((f for f in of_this_life if f.time >= change.at - _ROUNDING), None)
            if fact is None and _was_announced_before(record, life, change, of_this_life):
                continue
            if fact is None:
                if life.died_at is None and not _lies_among_the_dead(record, life.name):
                    yield f"nobody announced that {life.name} was put right: {change}"
                continue
            before = taken.get(fact.id)
            if before is not None and not _are_one(record, life, before, change):
                yield f"{life.name} was put right twice, and announced once: {before}, {change}"
            taken[fact.id] = change


def _was_announced_before(record: Record, life: Life, change: Change, told: list[Fact]) -> bool:
    """Whether somebody else had put it right, and protection went again before that was told."""
    before = [each for each in life.changes if each.protects and each.at < change.at]
    if not before or before[-1].is_remediation:
        return False
    is_told = any(fact.time >= before[-1].at - _ROUNDING for fact in told)
    return is_told and _are_one(record, life, before[-1], change)


def _are_one(record: Record, life: Life, one: Change, other: Change) -> bool:
    """Whether two remediations are of one drift, which is announced once.

    Either protection went away again before the guardian got to tell of the first time, or nothing
    was taken away and two looks at one drift named different periods. What comes later than that
    is a putting-right of its own, and announced of its own.
    """
    taken_away = [
        change.at
        for change in life.changes
        if not change.protects and one.at <= change.at <= other.at
    ]
    again_at = taken_away[-1] if taken_away else other.at
    return again_at - one.at < _TELLING or _was_in_trouble(record, one.at, other.at)


def _was_in_trouble(record: Record, since: datetime, until: datetime) -> bool:
    return any(
        ENFORCE in hit.caller and since - timedelta(seconds=1) <= hit.at <= until
        for hit in record.hits
    )


def _lies_among_the_dead(record: Record, name: str) -> bool:
    return any(name in body for body in record.dead_letters)


def _folded_in_peace(
    name: str, told: list[Fact], folded: list[Fact], own: list[Life]
) -> Iterator[str]:
    """Only a fight is folded, and the birth of a table that is a restore's."""
    if any(life.restored for life in own):
        return
    for fact in folded:
        before = sum(other.time < fact.time for other in [*told, *folded])
        if before < INCIDENTS_OF_A_FIGHT:
            yield f"{name}: only the ledger knows of {fact.kind} {fact.id}, and there was no fight"

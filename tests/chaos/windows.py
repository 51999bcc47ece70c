"""Whenever the window of a table that isn't exempt has shrunk, somebody was told of it.

What was lost follows from CloudTrail's record alone: what each call left of the window that was
there. Who was told, and of what, follows from the facts; from the ledger where a fight folds them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.chaos.faults import ENFORCE
from tests.chaos.lives import Change, Life, lives
from tests.chaos.record import Fact, Record

# An exemption that came after the loss, and before the guardian looked, makes it a tolerated one.
TELLING = frozenset(
    {"PITR Re-enabled", "Recovery Period Restored", "History Lost", "Drift Tolerated"}
)
"""The facts that tell of restore points that are gone, besides a deleted table's."""

# Losing seconds of a table that is seconds old is a drift like any other, which is announced.
_WORTH_TELLING = timedelta(hours=1)
# A run takes minutes at most, and the guardian may know the window from any time in it.
_TOLERANCE = timedelta(minutes=10)
# The guardian hears of a call seconds later, and what it lost is over when it was carried out.
_ROUNDING = timedelta(seconds=2)
_EVENTS = "cloudtrail"


@dataclass(frozen=True)
class Loss:
    """Restore points that went: those from ``earliest`` to ``latest``."""

    change: Change
    earliest: datetime
    latest: datetime
    exempt: bool

    def __str__(self) -> str:
        return f"{self.earliest:%m-%d %H:%M} to {self.latest:%m-%d %H:%M}, by {self.change}"


@dataclass(frozen=True)
class _Told:
    """What a fact says is gone; ``earliest`` is None where it doesn't say since when."""

    fact: Fact
    earliest: datetime | None
    latest: datetime

    @property
    def is_bounded(self) -> bool:
        """Whether it says what is gone, and not only that something is: what it says where the
        guardian never saw the window."""
        return self.earliest is not None or self.fact.kind == "Recovery Period Restored"

    def covers(self, loss: Loss) -> bool:
        begins = self.earliest is None or self.earliest <= loss.earliest + _TOLERANCE
        return begins and self.latest >= loss.latest - _TOLERANCE


def each_shrinking_was_told(record: Record) -> Iterator[str]:
    """See above."""
    all_lives = lives(record.calls)
    for place, life in enumerate(all_lives):
        heirs = (other for other in all_lives[place + 1 :] if other.name == life.name)
        heir = next(heirs, None)
        known = [
            fact
            for fact in _known(record, life.name)
            if life.born_at <= fact.time and (heir is None or fact.time < heir.born_at)
        ]
        lost = losses(life)
        told = [each for fact in known if (each := _what_it_tells(fact)) is not None]
        for loss in lost:
            if loss.latest - loss.earliest < _WORTH_TELLING or loss.exempt:
                continue
            if not _was_told(record, life, loss, told, known):
                yield f"nobody was told what {life.name} lost: {loss}"
        yield from _said_wrongly(life, lost, told)


def losses(life: Life) -> list[Loss]:
    """What each change of a table's PITR cost it, in the order of time.

    A window that is switched on begins then. A shorter period deletes at once what is older, and
    a longer one brings nothing back.
    """
    found: list[Loss] = []
    kept_from: datetime | None = None
    period = timedelta()
    happened: list[tuple[datetime, Change | float]] = [
        *((change.at, change) for change in life.changes),
        *life.aged,
    ]
    for at, what in sorted(happened, key=lambda each: each[0]):
        if not isinstance(what, Change):
            kept_from = kept_from - timedelta(days=what) if kept_from else None
            continue
        earliest = max(kept_from, at - period) if kept_from else None
        if what.after is None:
            kept_from, gone_until = None, at
        else:
            period = timedelta(days=what.after)
            kept_from = gone_until = max(earliest, at - period) if earliest else at
        if earliest is not None and gone_until > earliest:
            found.append(Loss(what, earliest, gone_until, what.was_exempt))
    return found


def _known(record: Record, name: str) -> list[Fact]:
    """What was told of a table, and what a fight folded, each once."""
    told = [fact for fact in record.facts if fact.table == name]
    folded: tuple[Fact, ...] = ()
    if any(fact.kind == "Fight Detected" for fact in told) and name in record.ledger:
        folded = record.ledger[name].incidents
    return list({fact.id: fact for fact in [*folded, *told]}.values())


def _what_it_tells(fact: Fact) -> _Told | None:
    if fact.kind not in TELLING:
        return None
    window = fact.detail.get("lostWindow")
    if window:
        return _Told(
            fact,
            datetime.fromisoformat(window["earliest"]),
            datetime.fromisoformat(window["latest"]),
        )
    if fact.kind == "Recovery Period Restored":
        return _Told(fact, None, fact.time - timedelta(days=fact.detail.get("from", 0)))
    return _Told(fact, None, fact.time)


def _was_told(record: Record, life: Life, loss: Loss, told: list[_Told], known: list[Fact]) -> bool:
    at = loss.change.at
    since = [each for each in told if each.fact.time >= at - _ROUNDING]
    if any(each.covers(loss) and (each.is_bounded or record.hits) for each in since):
        return True
    if any(life.name in body for body in record.dead_letters):
        return True  # a person has it, and was told so
    if life.died_at is None:
        return False
    # A deleted table's end is told; where its event was lost, nobody can know of either.
    return any(fact.kind == "Table Deleted" and fact.time >= at for fact in known) or any(
        hit.service == _EVENTS or ENFORCE in hit.caller for hit in record.hits
    )


def _said_wrongly(life: Life, lost: list[Loss], told: list[_Told]) -> Iterator[str]:
    """Whatever is told to be gone is gone: it lies within what was lost until then."""
    for each in told:
        if each.earliest is None:
            continue
        until = [loss for loss in lost if loss.change.at <= each.fact.time + _ROUNDING]
        words = f"{life.name}: {each.fact.kind} tells of {each.earliest} to {each.latest} as lost"
        if not until:
            yield f"{words}, and nothing was"
        elif each.earliest < min(loss.earliest for loss in until) - _TOLERANCE:
            yield f"{words}, and lost was less: since {min(loss.earliest for loss in until)}"
        elif each.latest > max(loss.latest for loss in until) + _TOLERANCE:
            yield f"{words}, and lost was less: until {max(loss.latest for loss in until)}"

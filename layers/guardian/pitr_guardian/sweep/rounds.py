"""A sweep goes in rounds: in each, one stretch of every scope that isn't done yet, which is a leg.

A leg is a child execution of the workflow, which may last five minutes and is gone without a word
if it doesn't end in them. So nothing is kept in it: what came of a leg is noted in the ledger, and
what there is to do in the next round follows from the last round's list and the notes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pitr_guardian.basics.instants import Instant
from pitr_guardian.basics.model import WireModel
from pitr_guardian.report.sweep import Region
from pitr_guardian.tables.reference import Scope

TRIES = 5
"""So often a leg is tried again that something passing ended, or that ended without a word."""

PAUSE = 60
"""Seconds before a round in which there is nothing to do but to try again."""


class Leg(WireModel):
    """A line of a round's list: a scope, where to go on, and what was found before.

    ``part`` counts a scope's legs, ``tries`` how often this one was tried in vain.
    """

    account: str
    region: str
    part: int = 1
    after: str | None = None
    tries: int = 0
    checked: int = 0
    compliant: int = 0
    drifted: int = 0
    exempt: int = 0
    failed: int = 0
    trail: str | None = None
    trail_error: str | None = None
    last_swept_at: Instant | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Whose leg it is."""
        return self.account, self.region


class Noted(Region):
    """What the workflow noted of a scope after a leg, beside what the report tells.

    ``next`` is the name after which to go on, ``final`` that an error doesn't pass.
    """

    part: int = 1
    next: str | None = None
    final: bool = False
    last_swept_at: Instant | None = None

    def as_region(self) -> Region:
        """What the report tells of it; of a scope that was given up that it isn't all."""
        told = {name: getattr(self, name) for name in Region.model_fields}
        if self.next is not None and self.error is None:
            told["error"] = f"nobody could go on after the table {self.next}"
        return Region(**told)


def first(scopes: Iterable[Scope]) -> list[Leg]:
    """What there is to do in the first round."""
    return [Leg(account=each.account, region=each.region) for each in scopes]


def left(done: Sequence[Leg], notes: Iterable[Noted]) -> list[Leg]:
    """What there is to do after a round.

    Args:
        done: that round's list.
        notes: what was noted in this sweep.
    """
    by_place = {(each.account, each.region): each for each in notes}
    return list(_left(done, by_place))


def pause_before(legs: Sequence[Leg]) -> int:
    """Tell for how many seconds to wait before a round."""
    return PAUSE if legs and all(each.tries for each in legs) else 0


def _left(done: Sequence[Leg], notes: Mapping[tuple[str | None, str], Noted]) -> Iterator[Leg]:
    for leg in done:
        noted = notes.get(leg.place)
        if noted is None or noted.part < leg.part or (noted.error and not noted.final):
            if leg.tries < TRIES:
                yield leg.model_copy(update={"tries": leg.tries + 1})
        elif noted.next is not None and noted.error is None:
            yield Leg(
                account=leg.account,
                region=leg.region,
                part=noted.part + 1,
                after=noted.next,
                checked=noted.checked,
                compliant=noted.compliant,
                drifted=noted.drifted,
                exempt=noted.exempt,
                failed=noted.failed,
                trail=noted.trail,
                trail_error=noted.trail_error,
                last_swept_at=noted.last_swept_at,
            )

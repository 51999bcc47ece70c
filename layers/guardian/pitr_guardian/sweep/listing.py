"""The beginning of a round: what there is to sweep is listed, for the workflow to go along."""

from collections.abc import Sequence
from dataclasses import dataclass

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.members.scopes import Scopes
from pitr_guardian.sweep.ports import Concurrency, Notes, RoundLists
from pitr_guardian.sweep.rounds import Leg, first, left, pause_before

AT_ONCE = 25
"""Scopes that are swept side by side, at most. Each has one function at work at a time."""

_UNKNOWN = 10
"""Functions that a new account runs at once (Lambda developer guide, quotas)."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was listed: where, how long, after so many seconds, so many side by side."""

    bucket: str
    key: str
    count: int
    pause: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Lists rounds where the workflow finds them."""

    scopes: Scopes
    lists: RoundLists
    notes: Notes
    concurrency: Concurrency

    def run(self, sweep_id: str, number: int) -> Round:
        """Write the list of a round, the first of which is 1; doing it again is harmless.

        Raises:
            TryLaterError: members can't be listed, or their silence told, now.
        """
        legs = self._stretches(sweep_id, number)
        bucket, key = self.lists.list_round(sweep_id, number, legs)
        return Round(bucket, key, len(legs), pause_before(legs), self._at_once())

    def _stretches(self, sweep_id: str, number: int) -> Sequence[Leg]:
        if number == 1:
            return first(self.scopes.all())
        return left(self.lists.round(sweep_id, number - 1), self.notes.noted_of(sweep_id))

    def _at_once(self) -> int:
        try:
            limit = self.concurrency.functions_at_once()
        except (TryLaterError, RefusedError):
            limit = _UNKNOWN
        return at_once(limit)


def at_once(limit: int) -> int:
    """Tell how many scopes to sweep side by side, of so many functions that may run at once.

    Two in five, so that enforcing, which goes on meanwhile, and alerts have the rest.
    """
    return max(1, min(AT_ONCE, limit * 2 // 5))

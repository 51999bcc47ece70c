"""Accounts that don't let the guardian in: told once a day each, whoever meets it."""

from dataclasses import dataclass
from datetime import timedelta

from pitr_guardian.basics.errors import MemberClosedError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.facts import MemberClosed, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of
from pitr_guardian.members.ports import ClosedNotes

TOLD_EVERY = timedelta(days=1)
"""How long after it was told it is told again, if it is still so."""


@dataclass(frozen=True, slots=True)
class ClosedDoors:
    """Tells of accounts that don't let the guardian in."""

    notes: ClosedNotes
    facts: Facts
    clock: Clock

    def opened(self, account: str) -> None:
        """Take note that an account lets the guardian in: if it shuts again, that is told at once.

        Raises:
            TryLaterError: the ledger can't be asked now.
        """
        if self.notes.closed_told_at(account) is not None:
            self.notes.forget_closed(account)

    def tell(self, closed: MemberClosedError) -> None:
        """Tell of an account, unless it was told within a day.

        Raises:
            TryLaterError: it can't be told, or remembered, now.
        """
        now, last = self.clock(), self.notes.closed_told_at(closed.account)
        if last is not None and now - last < TOLD_EVERY:
            return
        # Told first and noted then: dying in between means to tell again. All who meet it within
        # an hour tell it under one id; an account that has opened since is another happening.
        told = MemberClosed(
            id=fact_id(closed.account, "member-closed", f"{now:%Y-%m-%dT%H}"),
            time=now,
            severity=severity_of("Member Closed"),
            reason=f"None of its tables is looked after: {closed}",
            account=closed.account,
            error=str(closed),
        )
        self.facts.publish(told)
        self.notes.keep_closed(told)
        self.notes.note_closed_told(closed.account, now)

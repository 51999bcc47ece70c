"""Tables that can't be protected: told once, then once a day for as long as it lasts.

A policy that denies the guardian a table does so at every sweep. To be told of it each hour is to
stop reading alerts.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian.basics.instants import (
    Clock,
    spoken,
)
from pitr_guardian.drift.look import Look
from pitr_guardian.drift.memory import Failing
from pitr_guardian.drift.ports import Ledger
from pitr_guardian.facts.facts import (
    ProtectionFailed,
    TableId,
    fact_id,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.severity import severity_of

TOLD_EVERY = timedelta(days=1)
"""How long after it was told it is told again, if it is still so."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Tells of tables that can't be protected, and knows of which it has told."""

    ledger: Ledger
    facts: Facts
    clock: Clock

    def told_of(self, look: Look) -> Failing | None:
        """What was told of the table within a day, if anything. Of a deletion, nothing ever is.

        No later sweep would find a deletion that isn't told.
        """
        failing = None if _is_deletion(look) else self._known(look)
        if failing is None or self.clock() - failing.told_at >= TOLD_EVERY:
            return None
        return failing

    def tell(self, look: Look, error: str) -> None:
        """Tell that a table couldn't be protected. The message itself stays for a person.

        What can't be remembered is told all the same, and again.
        """
        table, now = look.ref, self.clock()
        before = None if _is_deletion(look) else self._known(look)
        happening = look.cause.event_id if look.cause else look.since.isoformat()
        self.facts.publish(
            ProtectionFailed(
                id=fact_id(table.arn, "protection-failed", happening),
                time=now,
                severity=severity_of("Protection Failed"),
                reason=f"The guardian could not protect the table{_how_long(before, now)}: {error}",
                table=TableId.of(table),
                actor=look.cause.actor if look.cause else None,
                error=error,
            )
        )
        if not _is_deletion(look):
            since = before.since if before else min(look.since, now)
            self.ledger.note_failing(table, Failing(since=since, told_at=now))

    def _known(self, look: Look) -> Failing | None:
        try:
            failing = self.ledger.recall(look.ref, None).failing
        except Exception:  # the ledger may be the very thing that fails
            return None
        born = look.cause.time if look.cause is not None and look.cause.is_birth else None
        if failing is not None and born is not None and born > failing.told_at:
            return None  # it was another table of that name
        return failing


def _is_deletion(look: Look) -> bool:
    return look.cause is not None and look.cause.is_deletion


def _how_long(before: Failing | None, now: datetime) -> str:
    if before is None:
        return ""
    days = max(round((now - before.since) / timedelta(days=1)), 1)
    return f" for {days} day{'s' if days > 1 else ''}, since {spoken(before.since)}"

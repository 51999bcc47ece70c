"""Carrying a decision out, once: look, decide, act, tell, settle.

The order is what makes a crash harmless. Drift is noted in the ledger before it is put right,
and forgotten only after it was told; whoever comes next finds the note and goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pitr_guardian.decision import Action, Decision, decide
from pitr_guardian.facts import ProtectionFailed, TableFact, TableId, fact_id
from pitr_guardian.incident import blame, is_news, left_alone, remedied
from pitr_guardian.instants import Clock
from pitr_guardian.look import Look
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Observed, Window
from pitr_guardian.policy import Policy
from pitr_guardian.ports import Facts, Ledger, Looks, Tables, TryLaterError
from pitr_guardian.table import TableRef

Log = Callable[[TableRef, Decision], None]


class GaveUpError(Exception):
    """A table couldn't be protected within the guardian's patience."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One look at one table: what was asked, found and remembered."""

    table: TableRef
    look: Look
    claimant: str
    observed: Observed
    memory: Memory


@dataclass(frozen=True, slots=True)
class Enforcer:
    """Protects one table at a time, as often as it is told to look at it."""

    tables: Tables
    ledger: Ledger
    facts: Facts
    looks: Looks
    policy: Policy
    clock: Clock
    log: Log

    def handle(self, look: Look, claimant: str) -> None:
        """Look at a table and do what is right.

        Args:
            look: the table, and why.
            claimant: who is asking; the same on each redelivery of one message.

        Raises:
            GaveUpError: the table has been unready for longer than ``look.PATIENCE``.
        """
        try:
            case = self._look_at(look, claimant)
            decision = decide(case.observed, self.policy, case.memory, look.cause, self.clock())
            self.log(case.table, decision)
            self._carry_out(decision, case)
        except TryLaterError as reason:
            self._put_back(look, str(reason))

    def give_up(self, look: Look, error: str) -> None:
        """Tell that a table couldn't be protected. The message itself stays for a person."""
        table = look.ref
        happening = look.cause.event_id if look.cause else look.since.isoformat()
        self.facts.publish(
            ProtectionFailed(
                id=fact_id(table.arn, "protection-failed", happening),
                time=self.clock(),
                severity="critical",
                reason=f"The guardian could not protect the table: {error}",
                table=TableId.of(table),
                actor=look.cause.actor if look.cause else None,
                error=error,
            )
        )

    def _look_at(self, look: Look, claimant: str) -> _Case:
        table = look.ref
        observed = self.tables.observe(table)
        if observed.is_off:
            memory = self._notice(table, observed, look)
        else:
            memory = self.ledger.recall(table, observed.table_id)
        return _Case(table, look, claimant, observed, memory)

    def _notice(self, table: TableRef, observed: Observed, look: Look) -> Memory:
        drift = Drift(noticed_at=self.clock(), cause=look.cause, period=observed.period)
        return self.ledger.notice(table, observed.table_id, drift)

    def _carry_out(self, decision: Decision, case: _Case) -> None:
        match decision.action:
            case Action.NOTHING:
                pass
            case Action.LOOK_AGAIN:
                self._put_back(case.look, decision.reason)
            case Action.REMEMBER:
                self._remember(decision, case)
            case Action.TELL:
                self._tell(decision, case, case.observed.window)
            case Action.ENABLE:
                window = self.tables.enable(case.table, _period(decision))
                self._tell(decision, case, window)
            case Action.RESTORE_PERIOD:
                memory = self._notice(case.table, case.observed, case.look)
                self.tables.enable(case.table, _period(decision))
                self._tell(decision, replace(case, memory=memory), case.observed.window)
            case Action.REPORT | Action.TOLERATE:
                self._leave_alone(decision, case)

    def _remember(self, decision: Decision, case: _Case) -> None:
        known = _on(case.memory, decision.period, case.observed.window, self.clock())
        if case.memory.drift is None:
            self.ledger.remember(case.table, known)
        else:  # it became rightful without anybody putting it right
            self.ledger.settle(case.table, known, told=None)

    def _tell(self, decision: Decision, case: _Case, window: Window | None) -> None:
        memory = case.memory
        if memory.drift is None:  # another message has settled it since
            return
        now = self.clock()
        period = _period(decision)
        drift = blame(memory.drift, memory)
        fact = remedied(case.table, drift, memory, period, decision.reason, now)
        own = max(period, memory.period or 0)
        self._publish_once(case, drift, _on(memory, own, window or Window(now, now), now), fact)

    def _leave_alone(self, decision: Decision, case: _Case) -> None:
        memory = case.memory
        drift = Drift(noticed_at=self.clock(), cause=case.look.cause, period=case.observed.period)
        drift = blame(drift, memory)
        if not is_news(drift, memory):
            if memory.drift is not None:
                self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            return
        if memory.drift is None:
            memory = self.ledger.notice(case.table, memory.table_id, drift)
            case = replace(case, memory=memory)
        fact = left_alone(case.table, drift, memory, decision, self.clock())
        self._publish_once(case, drift, replace(memory, drift=None, tolerated=drift), fact)

    def _publish_once(self, case: _Case, drift: Drift, known: Memory, fact: TableFact) -> None:
        noted = case.memory.drift or drift
        if not self.ledger.claim(case.table, noted, case.claimant, self.clock()):
            return
        self.facts.publish(fact)
        told_of = drift.cause.event_id if drift.cause else known.last_event_id
        self.ledger.settle(case.table, replace(known, last_event_id=told_of), told=fact)

    def _put_back(self, look: Look, reason: str) -> None:
        if look.is_overdue(self.clock()):
            raise GaveUpError(f"not within 24 hours: {reason}")
        self.looks.put_back(look.again())


def _on(memory: Memory, period: int | None, window: Window | None, now: datetime) -> Memory:
    """What is remembered of a table whose PITR is on."""
    return replace(memory, period=period, window=window, seen_on_at=now, drift=None, tolerated=None)


def _period(decision: Decision) -> int:
    if decision.period is None:
        raise ValueError(f"the decision names no period: {decision}")
    return decision.period

"""Carrying a decision out, once: look, decide, act, tell, settle.

The order is what makes a crash harmless. Drift is noted in the ledger before it is put right,
and forgotten only after it was told; whoever comes next finds the note and goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pitr_guardian.decision import Action, Decision, decide
from pitr_guardian.facts import (
    PitrReenabled,
    ProtectionFailed,
    RecoveryPeriodRestored,
    TableFact,
    TableId,
    TableProtected,
    fact_id,
)
from pitr_guardian.fight import Verdict
from pitr_guardian.incident import (
    blame,
    exemption_is_void,
    fight_over,
    is_news,
    left_alone,
    remedied,
)
from pitr_guardian.instants import Clock
from pitr_guardian.look import Look
from pitr_guardian.memory import Drift, Memory
from pitr_guardian.observation import Observed, Window
from pitr_guardian.policy import Policy, exemption_fault
from pitr_guardian.ports import Facts, Ledger, Looks, Tables, TryLaterError
from pitr_guardian.table import TableRef

Log = Callable[[TableRef, Decision], None]


class GaveUpError(Exception):
    """A table couldn't be protected within the guardian's patience."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One look at one table, begun ``at`` an instant: what was asked, found and remembered."""

    at: datetime
    table: TableRef
    look: Look
    claimant: str
    observed: Observed
    memory: Memory

    @property
    def drift(self) -> Drift:
        """The drift that was found, if any was: as yet unblamed and unnoted."""
        return Drift(noticed_at=self.at, cause=self.look.cause, period=self.observed.period)


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
            self._check_exemption(case)
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
        at = self.clock()
        table = look.ref
        observed = self.tables.observe(table)
        case = _Case(at, table, look, claimant, observed, Memory())
        if observed.is_off:
            case = self._notice(case)
            return replace(case, memory=case.memory.sighted(look.last_on_at))
        return replace(case, memory=self.ledger.recall(table, observed.table_id))

    def _check_exemption(self, case: _Case) -> None:
        """Report an exemption tag that doesn't exempt, once for each value it holds."""
        fault = exemption_fault(case.observed.tags, self.policy, case.at)
        if fault is None:
            return
        fact = exemption_is_void(case.table, case.observed, fault, self.policy, case.at)
        if self.ledger.claim_fact(case.table, fact.id, case.claimant, case.at):
            self.facts.publish(fact)
            self.ledger.settle_fact(case.table, fact)

    def _notice(self, case: _Case) -> _Case:
        """Note the drift that was found, unless it is noted already.

        Raises:
            TryLaterError: another look has put it right, after this one found it.
        """
        found = case.drift
        memory = self.ledger.notice(case.table, case.observed.table_id, found)
        if found.period is None and memory.drift is not None and memory.drift.period is not None:
            # A shortening was noted, and PITR went off before that was put right: the loss counts.
            self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            memory = self.ledger.notice(case.table, case.observed.table_id, found)
        if memory.drift is None:
            raise TryLaterError("another look was faster")
        return replace(case, memory=memory)

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
                case = self._notice(case)
                self.tables.enable(case.table, _period(decision))
                self._tell(decision, case, case.observed.window)
            case Action.REPORT | Action.TOLERATE:
                self._leave_alone(decision, case)

    def _remember(self, decision: Decision, case: _Case) -> None:
        known = _on(case.memory, decision.period, case.observed.window, case.at)
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
        drift = blame(memory.drift, memory, case.look.cause)
        fact = remedied(case.table, drift, memory, period, decision.reason, now)
        own = max(period, memory.period or 0)
        self._publish_once(case, drift, _on(memory, own, window or Window(now, now), now), fact)

    def _leave_alone(self, decision: Decision, case: _Case) -> None:
        memory = case.memory
        noted = memory.drift
        found = noted if noted and noted.kind == case.drift.kind else case.drift
        drift = blame(found, memory, case.look.cause)
        if not is_news(drift, memory):
            if memory.drift is not None:
                self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            return
        if memory.drift is None:
            case = self._notice(case)
            memory = case.memory
        fact = left_alone(case.table, drift, memory, decision, self.clock())
        self._publish_once(case, drift, replace(memory, drift=None, tolerated=drift), fact)

    def _publish_once(self, case: _Case, drift: Drift, known: Memory, fact: TableFact) -> None:
        noted = case.memory.drift or drift
        if not self.ledger.claim(case.table, noted, case.claimant, self.clock()):
            return
        strife, verdict = known.strife, Verdict.SINGLE
        if isinstance(fact, PitrReenabled | RecoveryPeriodRestored):
            strife, verdict = strife.one_more(fact.time)
        elif isinstance(fact, TableProtected) and case.memory.expected:
            verdict = Verdict.FOLDED
        if verdict is not Verdict.FOLDED:
            self.facts.publish(fact)
        if verdict is Verdict.FIGHT:
            self.facts.publish(fight_over(fact, len(strife.incidents)))
        told_of = drift.cause.event_id if drift.cause else known.last_event_id
        settled = replace(known, last_event_id=told_of, strife=strife)
        self.ledger.settle(case.table, settled, told=fact)

    def _put_back(self, look: Look, reason: str) -> None:
        if look.is_overdue(self.clock()):
            raise GaveUpError(f"not within 24 hours: {reason}")
        self.looks.put_back(look.again())


def _on(memory: Memory, period: int | None, window: Window | None, now: datetime) -> Memory:
    """What is remembered of a table whose PITR is on."""
    return replace(
        memory,
        period=period,
        window=window,
        seen_on_at=now,
        drift=None,
        tolerated=None,
        expected=False,
    )


def _period(decision: Decision) -> int:
    if decision.period is None:
        raise ValueError(f"the decision names no period: {decision}")
    return decision.period

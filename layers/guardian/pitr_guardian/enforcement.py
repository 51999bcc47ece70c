"""Carrying a decision out, once: look, decide, act, tell, settle.

The order is what makes a crash harmless. Drift is noted in the ledger before it is put right,
and forgotten only after it was told; whoever comes next finds the note and goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pitr_guardian.decision import Action, Decision, decide
from pitr_guardian.facts import ProtectionFailed, TableId, fact_id
from pitr_guardian.incident import exemption_is_void
from pitr_guardian.instants import Clock
from pitr_guardian.look import Look
from pitr_guardian.memory import Memory
from pitr_guardian.policy import Mode, Policy, exemption_fault
from pitr_guardian.ports import Facts, Ledger, Looks, Tables, TryLaterError
from pitr_guardian.table import TableRef
from pitr_guardian.telling import Case, Teller, named_period, with_pitr_on

Log = Callable[[TableRef, Decision], None]


class GaveUpError(Exception):
    """A table couldn't be protected within the guardian's patience."""


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

    @property
    def _teller(self) -> Teller:
        return Teller(self.ledger, self.facts, self.looks, self.clock)

    def handle(self, look: Look, claimant: str) -> None:
        """Look at a table and do what is right.

        Args:
            look: the table, and why.
            claimant: who is asking; the same on each redelivery of one message.

        Raises:
            GaveUpError: the table has been unready for longer than ``look.PATIENCE``.
        """
        try:
            try:
                case = self._look_at(look, claimant)
                decision = decide(case.observed, self.policy, case.memory, look.cause, self.clock())
                self.log(case.table, decision)
                self._carry_out(decision, case)
            finally:  # what was done before is told, whatever becomes of this look
                self._teller.tell_what_waits(look, claimant)
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

    def _look_at(self, look: Look, claimant: str) -> Case:
        at = self.clock()
        table = look.ref
        observed = self.tables.observe(table)
        case = Case(at, table, look, claimant, observed, Memory())
        if observed.is_off:
            case = self._teller.notice(case)
            return replace(case, memory=case.memory.sighted(look.last_on_at))
        return replace(case, memory=self.ledger.recall(table, observed.table_id))

    def _check_exemption(self, case: Case) -> None:
        """Report an exemption tag that doesn't exempt, once for each value it holds."""
        fault = exemption_fault(case.observed.tags, self.policy, case.at)
        if fault is None:
            return
        fact = exemption_is_void(case.table, case.observed, fault, self.policy, case.at)
        if self.ledger.claim_fact(case.table, fact.id, case.claimant, case.at):
            self.facts.publish(fact)
            self.ledger.settle_fact(case.table, fact)

    def _carry_out(self, decision: Decision, case: Case) -> None:
        match decision.action:
            case Action.NOTHING:
                # Nobody else tells of drift that is only told of; where it is put right, the
                # deletion is told, and whether anything is left to restore.
                if self.policy.mode is Mode.NOTIFY_ONLY:
                    self._teller.tell_of_the_gone(case)
            case Action.LOOK_AGAIN:
                self._put_back(case.look, decision.reason)
            case Action.REMEMBER:
                self._remember(decision, case)
            case Action.TELL:
                self._teller.tell_remedied(decision, case, case.observed.window)
            case Action.ENABLE:
                window = self.tables.enable(case.table, named_period(decision))
                self._teller.tell_remedied(decision, case, window)
            case Action.RESTORE_PERIOD:
                case = self._teller.notice(case)
                self.tables.enable(case.table, named_period(decision))
                self._teller.tell_remedied(decision, case, case.observed.window)
            case Action.REPORT | Action.TOLERATE:
                self._teller.tell_left_alone(decision, case)

    def _remember(self, decision: Decision, case: Case) -> None:
        known = with_pitr_on(case.memory, decision.period, case.observed.window, case.at)
        if case.memory.drift is None:
            self.ledger.remember(case.table, known)
        else:  # it became rightful without anybody putting it right
            self.ledger.settle(case.table, known, told=None)

    def _put_back(self, look: Look, reason: str) -> None:
        if look.is_overdue(self.clock()):
            raise GaveUpError(f"not within 24 hours: {reason}")
        self.looks.put_back(look.again())

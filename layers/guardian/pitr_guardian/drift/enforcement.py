"""Carrying a decision out, once: look, decide, act, tell, settle.

The order is what makes a crash harmless. Drift is noted in the ledger before it is put right,
and forgotten only after it was told; whoever comes next finds the note and goes on from there.
Where an event says that PITR was switched off, the note is a suspicion that rides along with the
reads (``drift.suspicion``); it is there before the call that switches PITR on, like any other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from pitr_guardian.basics.ahead import (
    Ahead,
    when_wanted,
)
from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drift.decision import (
    Action,
    Decision,
    decide,
    told_of,
)
from pitr_guardian.drift.incident import (
    exemption_came_late,
    exemption_is_void,
    out_of_reach,
    period_is_void,
)
from pitr_guardian.drift.look import Look
from pitr_guardian.drift.loss import loss_of
from pitr_guardian.drift.memory import Memory
from pitr_guardian.drift.ports import (
    Ledger,
    Looks,
    Tables,
)
from pitr_guardian.drift.suspicion import Suspicions
from pitr_guardian.drift.telling import (
    Case,
    Teller,
    named_period,
    with_pitr_on,
)
from pitr_guardian.facts.facts import TableFact
from pitr_guardian.facts.ports import Facts
from pitr_guardian.members.closed import ClosedDoors
from pitr_guardian.tables.copies import is_named_like_a_copy
from pitr_guardian.tables.observation import Switch
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    Mode,
    Policy,
    exemption_fault,
    leave_of,
    period_is_invalid,
)
from pitr_guardian.tables.reference import TableRef

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
    closed: ClosedDoors
    policy: Policy
    clock: Clock
    log: Log
    ahead: Ahead = when_wanted
    """How to note what an event alone says, beside looking whether it is so."""

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
                if self._is_a_copy(look):
                    return
                case = self._teller.tell_mended(self._look_at(look, claimant))
                case = self._tell_of_a_loss(case)
                decision = decide(case.observed, self.policy, case.memory, look.cause, self.clock())
                self.log(case.table, decision)
                self._check_late_exemption(case)
                self._carry_out(decision, case)
            finally:  # what was done before is told, whatever becomes of this look
                self._teller.tell_what_waits(look, claimant)
            self._check_tags(case)
            self._check_standing(case)
        except TryLaterError as reason:
            self._put_back(look, str(reason))

    def _is_a_copy(self, look: Look) -> bool:
        """Whether a table is the copy that a drill makes, whose end is the drill's.

        Protected, it would leave a backup behind that nobody can delete for 35 days.
        """
        if not is_named_like_a_copy(look.ref.name):
            return False
        observed = self.tables.observe(look.ref)
        memory = self.ledger.recall(look.ref, observed.table_id, observed.created_at)
        if memory.copy_of is None:
            return False
        reason = f"It is the copy of the drill {memory.copy_of}, which removes it"
        self.log(look.ref, Decision(Action.NOTHING, reason))
        return True

    def _look_at(self, look: Look, claimant: str) -> Case:
        at = self.clock()
        table = look.ref
        suspicions = Suspicions(self.ledger)
        suspected = self.ahead(partial(suspicions.suspect, look, self.policy.mode, at))
        observed = self.tables.observe(table)
        leave = leave_of(observed.tags, self.policy, at)
        case = Case(at, table, look, claimant, observed, Memory(), leave)
        known = suspected()
        if not observed.is_off:
            return replace(case, memory=suspicions.recall(table, observed, known, at))
        if known is not None and known.table_id == observed.table_id:
            case = replace(case, memory=known.confirmed)
        else:
            case = self._teller.notice(case)
        return replace(case, memory=case.memory.sighted(look.last_on_at))

    def _tell_of_a_loss(self, case: Case) -> Case:
        """Tell of restore points that went unseen; then the table is judged as it is."""
        if case.leave is not None:
            return case
        lost = loss_of(
            case.observed.switch,
            case.observed.tags,
            case.memory,
            self.policy,
            case.look.cause,
            case.at,
        )
        if lost is None:
            return case
        noted = self._teller.notice(case, case.lost(lost))
        drift = noted.memory.drift
        if drift is None or drift.lost is None:  # what another look noted meanwhile comes first
            raise TryLaterError("another look found drift")
        period = case.observed.period or MAX_PERIOD
        decision = Decision(Action.TELL, told_of(drift, period, noted.memory), period)
        self.log(case.table, decision)
        known = self._teller.tell_remedied(decision, noted, case.observed.window)
        return replace(case, at=self.clock(), memory=known)

    def _check_late_exemption(self, case: Case) -> None:
        """Tell of an exemption that came soon after birth, when PITR had been switched on."""
        memory, observed, leave = case.memory, case.observed, case.leave
        if leave is None or not observed.pitr_on or observed.created_at is None:
            return
        came_late = memory.ever_on and memory.exempt_until is None
        cause = case.look.cause
        tagged_at = cause.time if cause is not None and cause.call == "TagResource" else case.at
        if came_late and tagged_at < observed.created_at + self.policy.birth_grace:
            self._tell_once(case, exemption_came_late(case.table, observed, leave, case.at))

    def _check_tags(self, case: Case) -> None:
        """Report tags that don't say what they are for, once for each value they hold."""
        fault = exemption_fault(case.observed.tags, self.policy, case.at)
        if fault is not None:
            fact = exemption_is_void(case.table, case.observed, fault, self.policy, case.at)
            self._tell_once(case, fact)
        if period_is_invalid(case.observed.tags, self.policy):
            self._tell_once(case, period_is_void(case.table, case.observed, self.policy, case.at))

    def _check_standing(self, case: Case) -> None:
        """Report a table that nobody can restore although it is there, once for each status."""
        if case.leave is None and case.observed.is_out_of_reach:
            self._tell_once(case, out_of_reach(case.table, case.observed, case.at))

    def _tell_once(self, case: Case, fact: TableFact) -> None:
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
                self._remember(decision, case, case.observed.switch)
            case Action.TELL:
                self._teller.tell_remedied(decision, case, case.observed.window)
            case Action.ENABLE:
                window = self.tables.enable(case.table, named_period(decision))
                self._teller.tell_remedied(decision, case, window)
            case Action.RESTORE_PERIOD:
                case = self._teller.notice(case)
                self.tables.enable(case.table, named_period(decision))
                self._teller.tell_remedied(decision, case, case.observed.window)
            case Action.FOLLOW_TAG:
                window = self.tables.enable(case.table, named_period(decision))
                switch = Switch(True, decision.period, window or case.observed.window)
                self._remember(decision, case, switch)
            case Action.REPORT | Action.TOLERATE:
                self._teller.tell_left_alone(decision, case)

    def _remember(self, decision: Decision, case: Case, switch: Switch) -> None:
        known = case.known(with_pitr_on(case.memory, decision.period, switch, case.at))
        if case.memory.drift is None:
            self.ledger.remember(case.table, known)
        else:  # it became rightful without anybody putting it right
            self.ledger.settle(case.table, known, told=None)

    def _put_back(self, look: Look, reason: str) -> None:
        if look.is_overdue(self.clock()):
            raise GaveUpError(f"not within 24 hours: {reason}")
        self.looks.put_back(look.again())

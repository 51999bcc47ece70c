"""Noting drift, and telling of it: each incident once, and with a name where one is to be had.

Often the guardian puts a table right before it has heard who did it: a sweep was faster than the
event, or the event of the guardian's own last call was. Then the incident waits in the ledger,
`HEARING` long, for the event that explains it. The table itself never waits.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drift.decision import (
    Action,
    Decision,
    told_of,
)
from pitr_guardian.drift.fight import (
    ALL,
    Verdict,
)
from pitr_guardian.drift.incident import (
    blame,
    explained,
    fight_over,
    is_news,
    left_alone,
    remedied,
    told_at_last,
)
from pitr_guardian.drift.look import (
    HEARING,
    Look,
)
from pitr_guardian.drift.loss import weight_of
from pitr_guardian.drift.memory import (
    Drift,
    How,
    Lost,
    Memory,
    Mended,
    PutRight,
)
from pitr_guardian.drift.ports import (
    Ledger,
    Looks,
)
from pitr_guardian.facts.facts import (
    PitrReenabled,
    RecoveryPeriodRestored,
    TableFact,
    TableProtected,
)
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.observation import (
    Observed,
    Switch,
    Window,
)
from pitr_guardian.tables.policy import (
    MAX_PERIOD,
    Exemption,
)
from pitr_guardian.tables.reference import TableRef


@dataclass(frozen=True, slots=True)
class Case:
    """One look at one table, begun ``at`` an instant: what was asked, found and remembered."""

    at: datetime
    table: TableRef
    look: Look
    claimant: str
    observed: Observed
    memory: Memory
    leave: Exemption | None = None
    """The leave that the table has to be unprotected, if any."""

    @property
    def drift(self) -> Drift:
        """The drift that was found, if any was: as yet unblamed and unnoted."""
        window = self.observed.window
        return Drift(
            noticed_at=self.at,
            cause=self.look.cause,
            period=self.observed.period,
            earliest=window.earliest if window else None,
        )

    def known(self, memory: Memory) -> Memory:
        """The same, with what else is known of the table now."""
        last_day = self.leave.last_day if self.leave else None
        return replace(memory, exempt_until=last_day, has_key=self.observed.has_key)

    def lost(self, lost: Lost) -> Drift:
        """Restore points that were found gone, as a drift to note and tell."""
        return self.drift.model_copy(update={"lost": lost, "earliest": None})


@dataclass(frozen=True, slots=True)
class Teller:
    """Keeps the account of what happened to tables, and tells it."""

    ledger: Ledger
    facts: Facts
    looks: Looks
    clock: Clock

    def notice(self, case: Case, found: Drift | None = None) -> Case:
        """Note the drift that was found, unless it is noted already.

        Args:
            case: the look.
            found: the drift; that of the look where none is given.

        Raises:
            TryLaterError: another look has put it right, after this one found it.
        """
        found = found or case.drift
        memory = self._note(case, found)
        if _is_another(found, memory):
            self._leave_to_be_told(case, memory)
            memory = self._note(case, found)
        noted = memory.drift
        if noted is not None and noted.lost is not None and found.is_off:
            # The next loss comes before the last is settled. That is told now; and where somebody
            # else is at it, who may have died, the window that is lost with PITR is that of before.
            if not self._told_noted_loss(replace(case, memory=memory), noted, noted.lost):
                self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            memory = self._note(case, found)
        elif noted is not None and noted.period_alone and not found.period_alone:
            # A shortening was noted, and more went before that was put right: the loss counts.
            self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            memory = self._note(case, found)
        if memory.drift is None or memory.drift.suspected:
            raise TryLaterError("another look was faster")
        return replace(case, memory=memory)

    def _note(self, case: Case, found: Drift) -> Memory:
        observed = case.observed
        return self.ledger.notice(case.table, observed.table_id, found, observed.created_at)

    def tell_remedied(self, decision: Decision, case: Case, window: Window | None) -> Memory:
        """Tell of drift that is put right, or let it wait for the event that explains it.

        Args:
            decision: what was decided, with the period that PITR is on with now.
            case: the look, with the drift that it noted.
            window: the window of now, where AWS told it.

        Returns:
            what is remembered since.
        """
        memory = case.memory
        if memory.drift is None:  # another message has settled it since
            return memory
        now = self.clock()
        own = max(named_period(decision), memory.period or 0)
        period = named_period(decision)
        if decision.action is Action.TELL:
            period = case.observed.period or period
        drift = self._blame(memory.drift, case)
        mended_at = _switched_on_at(drift, window, now)
        put_right = PutRight(at=mended_at, by=now, period=period, reason=decision.reason)
        since = window or Window(now, now)
        known, fact, verdict = _told_as(put_right, case.table, drift, memory, own, since)
        known = case.known(known)
        if drift.cause is None and _may_be_explained(memory):
            is_mine = self.ledger.claim(case.table, memory.drift, case.claimant, now, put_right)
            if is_mine:
                self._let_wait(case, _mended(memory, put_right, verdict, known), known)
        else:
            is_mine = self._publish_once(case, drift, known, fact, verdict, put_right)
        if not is_mine and decision.action is not Action.TELL:
            self._tell_after_all(case, memory.drift, known, fact, verdict)
        return known

    def tell_mended(self, case: Case) -> Case:
        """Tell what this look has put right before, if another one left it alone, and told so."""
        memory, drift, window = case.memory, case.memory.tolerated, case.observed.window
        if drift is None or drift.noticed_at != case.look.mended or not case.observed.pitr_on:
            return case
        now, period = self.clock(), case.observed.period or MAX_PERIOD
        put_right = PutRight(
            at=_switched_on_at(drift, window, now),
            by=now,
            period=period,
            reason=told_of(drift, period, memory),
        )
        own, since = max(period, memory.period or 0), window or Window(now, now)
        known, fact, verdict = _told_as(put_right, case.table, drift, memory, own, since)
        known = case.known(known)
        self._tell_beside(case, known, fact, verdict)
        return replace(case, memory=known)

    def tell_left_alone(self, decision: Decision, case: Case) -> None:
        """Tell of drift that isn't touched, once, or let that wait for the event."""
        noted = case.memory.drift
        if noted is not None and noted.kind != case.drift.kind:
            reason = f"{_found(noted)}; that has changed since."
            case = self._tell_noted(case, replace(decision, reason=reason))
        memory = case.memory
        found = memory.drift or case.drift
        drift = self._blame(found, case)
        if not is_news(drift, memory):
            if memory.drift is not None:
                self.ledger.settle(case.table, replace(memory, drift=None), told=None)
            return
        if memory.drift is None:
            case = self.notice(case)
            memory = case.memory
        if drift.cause is None and _may_be_explained(memory) and case.look.hears is None:
            self.looks.put_back(case.look.hearing(case.drift.noticed_at))
            return
        fact = left_alone(case.table, drift, memory, decision, self.clock())
        known = case.known(replace(memory, drift=None, tolerated=drift))
        self._publish_once(case, drift, known, fact, Verdict.SINGLE)

    def tell_of_the_gone(self, case: Case) -> None:
        """Tell of drift that was noted of a table that is gone, before anybody told of it."""
        if case.memory.drift is not None:
            reason = f"{_found(case.memory.drift)}; the table is gone since."
            self._tell_noted(case, Decision(Action.REPORT, reason))

    def tell_what_waits(self, look: Look, claimant: str) -> None:
        """Tell of mended drift that this look explains, or that waited long enough."""
        for mended in self.ledger.mended(look.ref):
            now, noticed_at = self.clock(), mended.drift.noticed_at
            drift = explained(mended, look.cause)
            is_over = look.hears == noticed_at or now - noticed_at >= HEARING
            if drift.cause is None and not is_over:
                continue
            if not self.ledger.claim_mended(look.ref, mended, claimant, now):
                continue
            fact = told_at_last(look.ref, mended, drift)
            self._publish(fact, mended.verdict, mended.count)
            self.ledger.settle_mended(look.ref, mended, fact)

    def _tell_noted(self, case: Case, decision: Decision) -> Case:
        """Tell of drift as it was noted, where the table isn't so any more."""
        noted = case.memory.drift
        if noted is None:
            return case
        drift = self._blame(noted, case)
        known = replace(case.memory, drift=None, tolerated=drift)
        fact = left_alone(case.table, drift, case.memory, decision, self.clock())
        self._publish_once(case, drift, known, fact, Verdict.SINGLE)
        return replace(case, memory=known)

    def _told_noted_loss(self, case: Case, drift: Drift, lost: Lost) -> bool:
        now, memory, period = self.clock(), case.memory, drift.period or MAX_PERIOD
        drift = self._blame(drift, case)
        reason = told_of(drift, period, memory)
        fact = remedied(case.table, drift, memory, period, reason, now)
        window = Window(lost.latest, max(lost.latest, drift.noticed_at))
        known = replace(memory, drift=None, window=window, seen_period=drift.period)
        known, verdict = _judged(known, fact, drift, memory)
        return self._publish_once(case, drift, known, fact, verdict)

    def _blame(self, drift: Drift, case: Case) -> Drift:
        return blame(drift, case.memory, case.look.cause, case.observed.created_at)

    def _leave_to_be_told(self, case: Case, memory: Memory) -> None:
        """Keep what was put right, and isn't told yet, apart from what was found since.

        Whoever has begun to tell of it may have died, or couldn't: then this look goes on with it.
        If they haven't, the same fact is told twice, with the same id.
        """
        if memory.drift is None or memory.put_right is None:
            raise ValueError("nothing was put right")
        put_right = memory.put_right
        drift = blame(memory.drift, memory, born=case.observed.created_at)
        own = max(put_right.period, memory.period or 0)
        since = Window(put_right.at, put_right.at)
        known, _, verdict = _told_as(put_right, case.table, drift, memory, own, since)
        if drift.cause is not None:
            known = replace(known, last_event_id=drift.cause.event_id)
        self._let_wait(case, _mended(memory, put_right, verdict, known), known)

    def _let_wait(self, case: Case, mended: Mended, known: Memory) -> None:
        # First the look that ends the waiting: without it, nobody would come and tell.
        self.looks.put_back(case.look.hearing(mended.drift.noticed_at))
        self.ledger.mend(case.table, known, mended)

    def _publish_once(
        self,
        case: Case,
        drift: Drift,
        known: Memory,
        fact: TableFact,
        verdict: Verdict,
        put_right: PutRight | None = None,
    ) -> bool:
        """Tell of drift, unless another look does; tell whether this one did."""
        noted = case.memory.drift or drift
        if not self.ledger.claim(case.table, noted, case.claimant, self.clock(), put_right):
            if case.look.cause is not None and case.look.cause != noted.cause:
                # Whoever tells it may not know who did it, and may be about to let it wait. Or this
                # was done since: then the window will tell.
                self.looks.put_back(case.look.again())
            return False
        self._publish(fact, verdict, known.strife.count)
        told_of = drift.cause.event_id if drift.cause else known.last_event_id
        self.ledger.settle(case.table, replace(known, last_event_id=told_of), fact, noted)
        return True

    def _tell_after_all(
        self, case: Case, drift: Drift, known: Memory, fact: TableFact, verdict: Verdict
    ) -> None:
        """Tell what was put right, where another look has left it alone, and told so.

        Both saw the same drift, and an exemption came or went between them.
        """
        held = self.ledger.recall(case.table, case.observed.table_id, case.observed.created_at)
        if held.drift is not None and held.drift.noticed_at == drift.noticed_at:
            self.looks.put_back(case.look.again(mended=drift.noticed_at))  # it is about to tell
        elif held.tolerated is not None and held.tolerated.noticed_at == drift.noticed_at:
            self._tell_beside(case, known, fact, verdict)

    def _tell_beside(self, case: Case, known: Memory, fact: TableFact, verdict: Verdict) -> None:
        if self.ledger.claim_fact(case.table, fact.id, case.claimant, self.clock()):
            self._publish(fact, verdict, known.strife.count)
            self.ledger.remember(case.table, known)
            self.ledger.settle_fact(case.table, fact)

    def _publish(self, fact: TableFact, verdict: Verdict, count: int) -> None:
        if verdict is not Verdict.FOLDED:
            self.facts.publish(fact)
        if verdict is Verdict.FIGHT:
            self.facts.publish(fight_over(fact, count))


def _is_another(found: Drift, memory: Memory) -> bool:
    """Tell whether drift was found after what is noted had been put right.

    Restore points that are found gone are noted as such, however often they are found so.
    """
    noted, put_right = memory.drift, memory.put_right
    if noted is None or put_right is None or noted.lost is not None or found.lost is not None:
        return False
    return found.noticed_at > put_right.by


def _mended(memory: Memory, put_right: PutRight, verdict: Verdict, known: Memory) -> Mended:
    return Mended(
        memory, put_right.at, put_right.period, put_right.reason, verdict, known.strife.count
    )


def named_period(decision: Decision) -> int:
    """The period, in days, that a decision to protect always names."""
    if decision.period is None:
        raise ValueError(f"the decision names no period: {decision}")
    return decision.period


def with_pitr_on(memory: Memory, period: int | None, switch: Switch, at: datetime) -> Memory:
    """What is remembered of a table whose PITR is on.

    Args:
        memory: what was remembered before.
        period: the table's own period, in days.
        switch: its PITR as it is now.
        at: when it was seen so.
    """
    return replace(
        memory,
        period=period,
        window=switch.window,
        seen_on_at=at,
        seen_period=switch.period,
        found_off_at=None,
        drift=None,
        put_right=None,
        tolerated=None,
        failing=None,
        expected=False,
    )


def _told_as(
    put_right: PutRight, table: TableRef, drift: Drift, before: Memory, own: int, since: Window
) -> tuple[Memory, TableFact, Verdict]:
    """What is remembered and told of drift that was put right.

    Args:
        put_right: how.
        table: the table.
        drift: the drift, blamed on whom it is known of.
        before: what was remembered.
        own: the table's own period, in days.
        since: the window since.
    """
    switch = Switch(True, put_right.period, since)
    known = with_pitr_on(before, own, switch, put_right.by)
    fact = remedied(table, drift, before, put_right.period, put_right.reason, put_right.at)
    known, verdict = _judged(known, fact, drift, before)
    return known, fact, verdict


def _judged(known: Memory, fact: TableFact, drift: Drift, before: Memory) -> tuple[Memory, Verdict]:
    """Count the incident, where it is one, and judge whether it is told."""
    if _is_somebodys_doing(fact, drift):
        strife, verdict = known.strife.one_more(fact.time, _weight_of(drift, before))
        return replace(known, strife=strife), verdict
    folded = before.expected and isinstance(fact, TableProtected)
    return known, Verdict.FOLDED if folded else Verdict.SINGLE


def _is_somebodys_doing(fact: TableFact, drift: Drift) -> bool:
    """Tell whether somebody took away what the table is entitled to; a tag gives leave to."""
    if drift.lost is not None:
        return drift.lost.how is not How.BY_TAG
    return isinstance(fact, PitrReenabled | RecoveryPeriodRestored)


def _weight_of(drift: Drift, before: Memory) -> int:
    if drift.lost is not None and drift.lost.how is not How.SWITCHED:
        return weight_of(drift.lost)
    if drift.period is None or drift.lost is not None:
        return ALL
    return max((before.seen_period or before.period or MAX_PERIOD) - drift.period, 1)


def _switched_on_at(drift: Drift, window: Window | None, now: datetime) -> datetime:
    """When PITR was put right: its window starts there, which matters where a crash came between.

    A recovery period that is put back leaves the window where it was.
    """
    if drift.is_off and window and drift.noticed_at <= window.earliest <= now:
        return window.earliest
    return now


def _found(drift: Drift) -> str:
    if drift.lost is not None:
        return "Restore points were found gone"
    if drift.period is None:
        return "PITR was found off"
    return f"The recovery period was found at {drift.period} days, below the table's own"


def _may_be_explained(memory: Memory) -> bool:
    """Tell whether somebody must have brought the drift about by a call of his own.

    A table that never had PITR was only born, and its birth may be years ago.
    """
    return memory.ever_on

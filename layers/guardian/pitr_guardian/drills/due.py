"""Beginning the drills that are due, within the month's budget."""

from dataclasses import dataclass
from datetime import datetime

from pitr_guardian.basics.errors import RefusedError, TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.basics.legible import legible
from pitr_guardian.drills.acceptance import NOT_LET
from pitr_guardian.drills.budget import Budget, month_of
from pitr_guardian.drills.choosing import AT_ONCE, Candidate, drill_id_of, due
from pitr_guardian.drills.estimate import small_drill_in_usd
from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.ordering import Orders, UngrantableError
from pitr_guardian.drills.ports import DrillBook, DrillStarts, OverBudgetError, TaggedTables
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.refusal import Log
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.tags import PERIODS, WITH_INDEXES, rhythm_of
from pitr_guardian.drills.telling import LONGEST_ERROR
from pitr_guardian.facts.drill_facts import DrillRejected, DrillSkipped
from pitr_guardian.facts.facts import TableId, fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.copies import is_named_like_a_copy
from pitr_guardian.tables.reference import TableRef


@dataclass(frozen=True, slots=True)
class DueDrills:
    """Looks which tables are due, and begins a few of them."""

    tagged: TaggedTables
    orders: Orders
    workflow: DrillStarts
    ledger: DrillBook
    facts: Facts
    tag_key: str
    budget_in_usd: float
    account: str
    clock: Clock
    log: Log

    def begin(self) -> int:
        """Begin what is due; doing it again is harmless.

        A table that can't be drilled now stops no other; it is tried again an hour later.

        Returns:
            how many drills were begun.

        Raises:
            TryLaterError: a drill is recorded, and its workflow couldn't be started: whoever comes
                again starts it.
        """
        if self.budget_in_usd <= 0:
            return 0
        busy = self.ledger.busy()
        unstarted = [drill_id for drill_id in busy.drills if not self._started(drill_id)]
        room = AT_ONCE - len(busy.drills)
        begun = 0
        # Where there is no room, no account needs to be asked for its tables.
        for candidate in due(self._candidates() if room > 0 else (), self.clock()):
            if begun >= room:
                break
            if candidate.table in busy.tables or self.ledger.in_a_fight(candidate.table):
                continue
            try:
                record = self._granted(candidate)
            except TryLaterError as problem:
                self.log(drill_id_of(candidate, self.clock()), f"put off: {problem}")
                continue
            if record is None:
                continue
            begun += 1
            if not self._started(record.order.drill_id):
                unstarted.append(record.order.drill_id)
        if unstarted:
            raise TryLaterError(f"not started as yet: {', '.join(unstarted)}")
        return begun

    def _started(self, drill_id: str) -> bool:
        """Start a drill's workflow, unless it was started; tell whether that went well."""
        try:
            self.workflow.start(drill_id)
        except TryLaterError as problem:
            self.log(drill_id, f"recorded, and not started yet: {problem}")
            return False
        return True

    def _candidates(self) -> list[Candidate]:
        tags = self.tagged.tagged(self.tag_key)
        last = self.ledger.last_begun()
        found = []
        for table, value in tags.items():
            if is_named_like_a_copy(table.name):
                continue
            rhythm = rhythm_of(value)
            if rhythm is None:
                self._refuse(table, _not_a_period(self.tag_key, value))
            else:
                found.append(Candidate(table, rhythm, last.get(table)))
        return found

    def _granted(self, candidate: Candidate) -> DrillRecord | None:
        """Record a table's order; None where there is none to be."""
        now = self.clock()
        budget = Budget(self.budget_in_usd, self.ledger.spent(month_of(now)))
        if budget.left < small_drill_in_usd(now, now) and self._was_skipped(candidate.table, now):
            return None  # AWS needn't be asked for what the cheapest drill would cost
        request = DrillRequest(
            table=candidate.table.arn,
            request_id=drill_id_of(candidate, now),
            reason=f"due by its tag: {candidate.rhythm.period}",
        )
        try:
            order = self.orders.order_of(request, self.account, Occasion.TAG, budget.left)
        except UngrantableError as refusal:
            self._refuse(candidate.table, str(refusal))
            return None
        except RefusedError as refusal:
            self._refuse(candidate.table, f"{NOT_LET}. AWS says: {refusal}")
            return None
        try:
            record = self.ledger.open(order, self.budget_in_usd)
        except OverBudgetError:
            self._skip(candidate, order, budget, now)
            return None
        if record.answer is not None:
            return None
        small = ", a small one" if order.kind is Kind.SMALL else ""
        self.log(order.drill_id, f"begun, as it was due{small}")
        return record

    def _was_skipped(self, table: TableRef, now: datetime) -> bool:
        return self.ledger.was_told(table, DrillSkipped.detail_type, month_of(now))

    def _skip(self, candidate: Candidate, order: DrillOrder, budget: Budget, now: datetime) -> None:
        name, period = candidate.table.name, candidate.rhythm.period
        fact = DrillSkipped(
            id=fact_id("drill-skipped", candidate.table.arn, month_of(now)),
            time=now,
            severity="warning",
            reason=(
                f"{name} is due for a drill ({period}), and isn't drilled: of this month's "
                f"{budget.allowed:.2f} USD, {budget.left:.2f} are left, and even a small drill of "
                f"it would cost about {order.estimate_in_usd:.2f}."
            ),
            table=TableId.of(candidate.table),
            period=period,
            estimate_in_usd=order.estimate_in_usd,
            budget_in_usd=budget.allowed,
            left_in_usd=round(budget.left, 4),
        )
        self._tell_once(fact, candidate.table, now)

    def _refuse(self, table: TableRef, error: str) -> None:
        now = self.clock()
        error = legible(error, LONGEST_ERROR)
        fact = DrillRejected(
            id=fact_id("due-drill-rejected", table.arn, month_of(now), error),
            time=now,
            severity="warning",
            reason=f"{table.name} asks for drills by its tag, and can't be drilled. {error}.",
            table=TableId.of(table),
            drill_id=None,
            requested_by=None,
            request_reason=None,
            error=error,
        )
        self._tell_once(fact, table, now)

    def _tell_once(
        self, fact: DrillSkipped | DrillRejected, table: TableRef, now: datetime
    ) -> None:
        """Tell why a table wasn't drilled, once a month: told first, since once isn't never."""
        if self.ledger.was_told(table, fact.detail_type, month_of(now)):
            return
        self.facts.publish(fact)
        self.ledger.note_told(table, fact.detail_type, now)


def _not_a_period(key: str, value: str) -> str:
    known = ", ".join(PERIODS)
    return (
        f"table: its tag {key} holds {value!r:.100}; give one of {known}, and {WITH_INDEXES} "
        "behind it if the copy should have its indexes"
    )

"""Taking an undo request in: one plan per request id, or one refusal that says why."""

from dataclasses import dataclass

from pitr_guardian.basics.errors import AnsweredMeanwhileError, RefusedError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.facts.ports import Facts
from pitr_guardian.members.leave import Leave
from pitr_guardian.tables.ports import TableObserver
from pitr_guardian.tables.reference import Home
from pitr_guardian.undo import preflight
from pitr_guardian.undo.intake import InvalidUndoError, undo_request_from
from pitr_guardian.undo.ordering import Orders, UngrantableError
from pitr_guardian.undo.ports import OpenUndos, Regions, Shapes, UndoStarts
from pitr_guardian.undo.record import Phase, UndoRecord
from pitr_guardian.undo.refusal import Event, Log, Refusals
from pitr_guardian.undo.request import UndoRequest

_NOT_LET = (
    "table: AWS doesn't let the guardian look at it. See that its region is enabled for the "
    "account, and that no policy denies it to the guardian's roles"
)


@dataclass(frozen=True, slots=True)
class UndoReception:
    """Takes undo requests in. That one was accepted is the workflow's first word, not ours."""

    tables: TableObserver
    shapes: Shapes
    regions: Regions
    workflows: UndoStarts
    ledger: OpenUndos
    facts: Facts
    home: Home
    leave: Leave
    pattern: str
    """``UndoTablePattern``; empty: every undo is refused."""
    clock: Clock
    log: Log

    def receive(self, detail: object, event_id: str, account: str) -> None:
        """Take a request in.

        Args:
            detail: the event's detail, whatever it is.
            event_id: the event's id.
            account: the account that put the event, as EventBridge tells it.

        Raises:
            TryLaterError: AWS couldn't be asked; the event will be delivered again.
        """
        event = Event("undo", detail, event_id)
        refusals = Refusals(self.ledger, self.facts, self.home, self.clock, self.log)
        try:
            request = undo_request_from(detail, event_id, self.home, members=self.leave.has_members)
        except InvalidUndoError as problem:
            refusals.tell(event, str(problem), is_readable=False)
            return
        if refusals.told_before(event):
            return
        if why_not := preflight.foreign(account, self.home.account):
            refusals.tell(event, why_not)
            return
        try:
            record = self._grant(request, event_id, account)
        except AnsweredMeanwhileError:
            refusals.told_before(event)
        except UngrantableError as refusal:
            refusals.tell(event, str(refusal))
        except RefusedError as refusal:
            refusals.tell(event, f"{_NOT_LET}. AWS says: {refusal}")
        else:
            self._begin(record)

    def _grant(self, request: UndoRequest, event_id: str, account: str) -> UndoRecord:
        """Record the request's order, unless it is recorded.

        Raises:
            AnsweredMeanwhileError: the event was refused.
            UngrantableError: it can't be granted, or its id was used for another.
        """
        record = self.ledger.record_of(request.request_id)
        if record is None:
            record = self.ledger.open(self._orders.order_of(request, account), event_id=event_id)
        if record.order.request.content() != request.content():
            raise UngrantableError(
                f"requestId: {request.request_id} was used for another request; choose a new one"
            )
        return record

    @property
    def _orders(self) -> Orders:
        return Orders(
            self.tables,
            self.shapes,
            self.regions,
            self.ledger,
            self.home,
            self.leave,
            self.pattern,
            self.clock,
        )

    def _begin(self, record: UndoRecord) -> None:
        """Start the workflow; whoever was killed before it comes again."""
        if record.plan is None:
            self.workflows.start(record.order.plan_id, Phase.PLAN)
        self.log(record.order.plan_id, "accepted" if record.plan is None else "known already")

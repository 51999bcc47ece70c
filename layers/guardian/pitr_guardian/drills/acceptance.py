"""Taking a drill request in: one drill per request id, or one refusal that says why."""

from dataclasses import dataclass

from pitr_guardian.basics.errors import AnsweredMeanwhileError, RefusedError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills import preflight
from pitr_guardian.drills.intake import InvalidDrillError, drill_request_from
from pitr_guardian.drills.order import Occasion
from pitr_guardian.drills.ordering import Orders, UngrantableError
from pitr_guardian.drills.ports import DrillStarts, OpenDrills
from pitr_guardian.drills.record import DrillRecord
from pitr_guardian.drills.refusal import Log, Refusals
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.facts.ports import Facts
from pitr_guardian.tables.reference import Home

NOT_LET = (
    "table: AWS doesn't let the guardian look at it. See that its region is enabled for the "
    "account, and that no policy denies it to the guardian's roles"
)


@dataclass(frozen=True, slots=True)
class DrillReception:
    """Takes drill requests in. That a drill began is the workflow's first word, not ours."""

    orders: Orders
    workflow: DrillStarts
    ledger: OpenDrills
    facts: Facts
    home: Home
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
        refusals = Refusals(self.ledger, self.facts, self.home, self.clock, self.log)
        try:
            members = self.orders.leave.has_members
            request = drill_request_from(detail, event_id, self.home, members=members)
        except InvalidDrillError as problem:
            refusals.tell(detail, event_id, str(problem), is_readable=False)
            return
        if refusals.told_before(event_id):
            return
        if why_not := preflight.foreign(account, self.home.account):
            refusals.tell(detail, event_id, why_not)
            return
        try:
            record = self._grant(request, event_id, account)
        except AnsweredMeanwhileError:
            refusals.told_before(event_id)
        except UngrantableError as refusal:
            refusals.tell(detail, event_id, str(refusal))
        except RefusedError as refusal:
            refusals.tell(detail, event_id, f"{NOT_LET}. AWS says: {refusal}")
        else:
            self._begin(record)

    def _grant(self, request: DrillRequest, event_id: str, account: str) -> DrillRecord:
        """Record the request's order, unless it is recorded.

        Raises:
            AnsweredMeanwhileError: the event was refused.
            UngrantableError: it can't be granted, or its id was used for another.
        """
        record = self.ledger.record_of(request.request_id)
        if record is None:
            order = self.orders.order_of(request, account, Occasion.EVENT)
            record = self.ledger.open(order, event_id=event_id)
        if record.order.request.content() != request.content():
            raise UngrantableError(
                f"requestId: {request.request_id} was used for another request; choose a new one"
            )
        return record

    def _begin(self, record: DrillRecord) -> None:
        """Start the workflow; whoever was killed before it comes again."""
        if record.answer is None:
            self.workflow.start(record.order.drill_id)
        self.log(record.order.drill_id, "accepted" if record.answer is None else "known already")

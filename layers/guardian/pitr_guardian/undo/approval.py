"""Taking an approval in: one undo per plan, or one refusal that says why."""

from dataclasses import dataclass

from pitr_guardian.basics.errors import AnsweredMeanwhileError, RefusedError
from pitr_guardian.basics.instants import Clock, iso
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.undo_facts import UndoPlanned
from pitr_guardian.members.leave import Deed, Leave
from pitr_guardian.tables.reference import Home
from pitr_guardian.undo import preflight
from pitr_guardian.undo.intake import InvalidUndoError, approval_from
from pitr_guardian.undo.order import Approval
from pitr_guardian.undo.ports import ApprovableUndos, Shapes, UndoStarts
from pitr_guardian.undo.record import Phase, UndoRecord
from pitr_guardian.undo.refusal import Event, Log, Refusals
from pitr_guardian.undo.request import UndoApproval


@dataclass(frozen=True, slots=True)
class ApprovalReception:
    """Takes approvals in."""

    shapes: Shapes
    workflows: UndoStarts
    ledger: ApprovableUndos
    facts: Facts
    home: Home
    leave: Leave
    pattern: str
    clock: Clock
    log: Log

    def receive(self, detail: object, event_id: str, account: str) -> None:
        """Take an approval in; arguments and errors as for requests."""
        event = Event("approval", detail, event_id)
        refusals = Refusals(self.ledger, self.facts, self.home, self.clock, self.log)
        try:
            asked = approval_from(detail)
        except InvalidUndoError as problem:
            refusals.tell(event, str(problem), is_readable=False)
            return
        if refusals.told_before(event):
            return
        # Whoever may not ask is told nothing of what is there.
        foreign = preflight.foreign(account, self.home.account)
        record = None if foreign else self.ledger.record_of(asked.plan_id)
        why_not = foreign or self._why_not(asked, record)
        if why_not is not None:
            refusals.tell(event, why_not, record)
            return
        approval = Approval(
            event_id=event_id,
            fingerprint=asked.fingerprint,
            account=account,
            requested_by=asked.requested_by,
            reason=asked.reason,
            approved_at=self.clock(),
        )
        try:
            record = self.ledger.approve(asked.plan_id, approval)
        except AnsweredMeanwhileError:
            refusals.told_before(event)
            return
        if record.outcome is None:
            self.workflows.start(asked.plan_id, Phase.APPLY)
        self.log(asked.plan_id, "approved" if record.outcome is None else "known already")

    def _why_not(self, asked: UndoApproval, record: UndoRecord | None) -> str | None:
        why_not = preflight.unapprovable(record, asked.plan_id)
        if why_not or record is None or not isinstance(record.plan, UndoPlanned):
            return why_not
        plan = record.plan
        if asked.fingerprint != plan.fingerprint:
            return (
                f"fingerprint: the plan {asked.plan_id} has another one, {plan.fingerprint}; read "
                "it again before you approve it"
            )
        if record.approval is not None:  # the same again, however late it comes
            return None
        if self.clock() > plan.expires_at:
            return (
                f"planId: the plan {asked.plan_id} could be approved until {iso(plan.expires_at)}; "
                "ask for the undo again, and read the new plan"
            )
        return self._unfit(record)

    def _unfit(self, record: UndoRecord) -> str | None:
        table = record.order.table_ref
        if why_not := preflight.out_of_pattern(table, self.pattern):
            return why_not
        try:
            if why_not := self.leave.why_not(table, Deed.UNDO):
                return f"planId: {why_not}"
            return preflight.replaced("planId", record, self.shapes.shape_of(table))
        except RefusedError as refusal:
            return f"planId: AWS doesn't let the guardian look at {table}. AWS says: {refusal}"

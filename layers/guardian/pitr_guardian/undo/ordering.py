"""From a request to an order, if it can be granted: checked by how the table is now."""

from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.window import unfit, windows_of
from pitr_guardian.facts.facts import TableId
from pitr_guardian.members.leave import Deed, Leave
from pitr_guardian.tables.ports import TableObserver
from pitr_guardian.tables.reference import Home, TableRef
from pitr_guardian.undo import preflight
from pitr_guardian.undo.given import NoValueError, partition_value
from pitr_guardian.undo.intake import table_of
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.ports import Regions, Shapes, UndoRecords
from pitr_guardian.undo.request import UndoRequest, ended_second
from pitr_guardian.undo.shape import Shape


class UngrantableError(Exception):
    """The request can't be granted; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Makes orders of requests.

    Strongly consistent global tables are no exception: AWS refuses them transactions, TTL and local
    indexes (developer guide, "How DynamoDB global tables work"), none of which an undo needs.
    """

    tables: TableObserver
    shapes: Shapes
    regions: Regions
    ledger: UndoRecords
    home: Home
    leave: Leave
    pattern: str
    clock: Clock

    def order_of(self, request: UndoRequest, account: str) -> UndoOrder:
        """Make the order of a request.

        Raises:
            UngrantableError: it can't be granted.
            TryLaterError: AWS couldn't be asked.
            RefusedError: AWS doesn't let the guardian look.
        """
        if request.revert is not None:
            return self._to_revert(request, request.revert, account)
        now = self.clock()
        table = table_of(request, self.home)
        from_, to = request.from_ or now, request.to or ended_second(now)
        _refuse_if(preflight.out_of_pattern(table, self.pattern))
        _refuse_if(unfit(from_, to, now))
        _refuse_if(self._unknown_region(table))
        _refuse_if(self._not_allowed(table))
        observed = self.tables.observe(table)
        _refuse_if(preflight.unusable(table, observed))
        _refuse_if(preflight.without_history(table, observed, from_))
        shape = self._shape(table)
        if request.partition is not None:
            try:
                partition_value(request.partition, shape.key)
            except NoValueError as problem:
                raise UngrantableError(f"partition: {problem}") from problem
        earliest = observed.window.earliest if observed.window else from_
        return UndoOrder(
            request=request,
            table=TableId.of(table),
            shape=shape,
            from_=from_,
            to=to,
            windows=windows_of(from_, to, earliest),
            account=account,
            accepted_at=now,
        )

    def _to_revert(self, request: UndoRequest, plan_id: str, account: str) -> UndoOrder:
        """What a plan did is its own history: no export is needed, nor PITR."""
        now = self.clock()
        record = self.ledger.record_of(plan_id)
        _refuse_if(preflight.irrevocable(plan_id, record, now))
        if record is None or record.approval is None or record.outcome is None:
            raise ValueError("a plan that can be reverted was carried out")
        table = record.order.table_ref
        _refuse_if(preflight.out_of_pattern(table, self.pattern))
        _refuse_if(self._not_allowed(table))
        _refuse_if(preflight.unusable(table, self.tables.observe(table)))
        shape = self._shape(table)
        _refuse_if(preflight.replaced("revert", record, shape))
        return UndoOrder(
            request=request,
            table=record.order.table,
            shape=shape,
            from_=record.approval.approved_at,
            to=max(record.approval.approved_at, record.outcome.time),
            windows=None,
            account=account,
            accepted_at=now,
        )

    def _shape(self, table: TableRef) -> Shape:
        shape = self.shapes.shape_of(table)
        if shape is None:
            raise UngrantableError(f"table: {table} was deleted just now; nothing can be put back")
        return shape

    def _not_allowed(self, table: TableRef) -> str | None:
        why_not = self.leave.why_not(table, Deed.UNDO)
        return f"table: {why_not}" if why_not else None

    def _unknown_region(self, table: TableRef) -> str | None:
        if table.region == self.home.region:
            return None
        if self.regions.partition_of(table.region) == self.home.partition:
            return None
        return f"table: {self.home.partition} has no region {table.region}; check its name"


def _refuse_if(why: str | None) -> None:
    if why is not None:
        raise UngrantableError(why)

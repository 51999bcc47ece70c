"""From a request to an order, if it can be granted: checked by how the table is now."""

from dataclasses import dataclass

from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills import preflight
from pitr_guardian.drills.estimate import full_drill_in_usd, small_drill_in_usd
from pitr_guardian.drills.instant import instant_in
from pitr_guardian.drills.intake import table_of
from pitr_guardian.drills.order import DrillOrder, Kind, Occasion
from pitr_guardian.drills.ports import Copies, Regions, Structures, WriteRates
from pitr_guardian.drills.request import DrillRequest
from pitr_guardian.drills.tags import rhythm_of, targets_of
from pitr_guardian.facts.facts import TableId
from pitr_guardian.members.leave import Deed, Leave
from pitr_guardian.tables.copies import copy_name
from pitr_guardian.tables.ports import TableObserver
from pitr_guardian.tables.reference import Home, TableRef


class UngrantableError(Exception):
    """The request can't be granted; the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Makes orders of requests."""

    tables: TableObserver
    structures: Structures
    copies: Copies
    rates: WriteRates
    regions: Regions
    home: Home
    leave: Leave
    pattern: str
    """``RestoreSourcePattern``: which tables may be restored from."""
    tag_key: str
    """``DrillTagKey``."""
    clock: Clock

    def order_of(
        self, request: DrillRequest, account: str, occasion: Occasion, limit: float | None = None
    ) -> DrillOrder:
        """Make the order of a request.

        Args:
            request: the request.
            account: whose it is.
            occasion: why there is a drill.
            limit: what it may cost, in USD: where a full drill would cost more, it is a small one.

        Raises:
            UngrantableError: it can't be granted.
            TryLaterError: AWS couldn't be asked.
            RefusedError: AWS doesn't let the guardian look.
        """
        now = self.clock()
        table = table_of(request, self.home)
        _refuse_if(preflight.out_of_bounds(table, self.pattern))
        region = request.target_region or table.region
        for field, named in (("table", table.region), ("targetRegion", region)):
            _refuse_if(self._unknown_region(field, named))
        _refuse_if(self._not_allowed(table))
        observed = self.tables.observe(table)
        _refuse_if(preflight.unusable(table, observed))
        source = self.structures.structure_of(table)
        if source is None or observed.window is None:
            raise UngrantableError(f"table: {table} was deleted just now")
        at = instant_in(observed.window, request.at, request.request_id)
        if isinstance(at, str):
            raise UngrantableError(at)
        try:
            targets = targets_of(observed.tags)
        except ValueError as problem:
            raise UngrantableError(str(problem)) from problem
        rhythm = rhythm_of(observed.tags.get(self.tag_key))
        rate = self.rates.bytes_an_hour(table)
        cost = full_drill_in_usd(source, request.sample, at, now, rate)
        kind = Kind.FULL
        if limit is not None and cost > limit:
            kind, cost = Kind.SMALL, small_drill_in_usd(at, now)
        copy = TableRef(table.partition, table.account, region, copy_name(request.request_id))
        if kind is Kind.FULL and self.copies.copy_at(copy) is not None:
            raise UngrantableError(
                f"requestId: there is a table {copy} already; choose another requestId"
            )
        return DrillOrder(
            request=request,
            occasion=occasion,
            kind=kind,
            table=TableId.of(table),
            source=source,
            at=at,
            latest=observed.window.latest,
            copy_table=TableId.of(copy) if kind is Kind.FULL else None,
            with_indexes=rhythm is not None and rhythm.with_indexes,
            rto_minutes=targets.rto_minutes,
            rpo_minutes=targets.rpo_minutes,
            estimate_in_usd=cost,
            account=account,
            accepted_at=now,
        )

    def _not_allowed(self, table: TableRef) -> str | None:
        why_not = self.leave.why_not(table, Deed.DRILL)
        return f"table: {why_not}" if why_not else None

    def _unknown_region(self, field: str, region: str) -> str | None:
        if region == self.home.region:
            return None
        if self.regions.partition_of(region) == self.home.partition:
            return None
        return f"{field}: {self.home.partition} has no region {region}; check its name"


def _refuse_if(why: str | None) -> None:
    if why is not None:
        raise UngrantableError(why)

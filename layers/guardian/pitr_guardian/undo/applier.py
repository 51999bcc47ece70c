"""One part of a plan, carried out: conditional writes at a pace, until the time is up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.packing import put_lines, unpacked
from pitr_guardian.exports.ports import NoObjectError, Objects
from pitr_guardian.exports.values import key_text
from pitr_guardian.undo import places
from pitr_guardian.undo.line import Applied, Line, Planned
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.parts import approved_part
from pitr_guardian.undo.ports import UndoRecords, WritableItems
from pitr_guardian.undo.removing import Removals
from pitr_guardian.undo.throughput import Throughput
from pitr_guardian.undo.warrant import applying
from pitr_guardian.undo.writing import ItemWriter

_AT_ONCE = 20
"""Lines whose items are looked at together before some of them are removed."""
_RECHECK = 10.0
"""Seconds after which the ledger is asked again: nothing is to be written after the answer, and a
workflow that somebody stops doesn't stop its functions."""
_RESERVE = 120.0
"""Seconds that are kept for a write that is throttled, for giving back what it took too much of,
and for keeping what was done."""


@dataclass(frozen=True, slots=True)
class Applier:
    """Writes what a part plans. Whatever is run again finds its own work, and counts it as done."""

    ledger: UndoRecords
    objects: Objects
    items: WritableItems
    units_per_second: float
    """This child's share of ``UndoWriteUnitsPerSecond``."""
    clock: Clock
    ticks: Callable[[], float]
    """Seconds of a clock that only goes forward."""
    sleep: Callable[[float], None]

    def apply(
        self, plan_id: str, part: str, offset: int, seconds_left: Callable[[], float]
    ) -> dict[str, Any]:
        """Carry out a part from a line on.

        Args:
            plan_id: the plan's id.
            part: the part's name, ``part`` of a line of ``places.parts_list``.
            offset: the line to begin with; 0 at first, then what was returned as ``next``.
            seconds_left: tells how long this run may still take.

        Returns:
            ``{"part": "0003-0001", "next": 512}``; ``next`` is None when the part is done.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan as approved and unanswered, or it
                was answered meanwhile.
            PlanChangedError: the part isn't what was approved.
            TryLaterError: throttled for too long, and nothing was done; run it again.
            RefusedError: AWS says no for good, as where the table is gone.
        """
        record, approval = applying(self.ledger, plan_id)
        lines = approved_part(self.objects, record.order, approval.fingerprint, part)
        kept = self._kept(record.order, part, offset)
        removals = Removals(self.objects, plan_id, part)
        if any(line.planned is Planned.REMOVE for line in lines):
            removals.recall()
        done: list[Applied] = []
        reached = offset
        try:
            for applied in self._carry_out(
                record.order, lines, offset, seconds_left, kept, removals
            ):
                reached += 1
                if applied is not None:
                    done.append(applied)
        except TryLaterError:
            if reached == offset:
                raise
        finally:
            # Whatever ends it: what was done is kept, and can be put back.
            if done:
                key = places.applied(plan_id, part, offset)
                put_lines(self.objects, key, (each.line for each in done))
        return {"part": part, "next": reached if reached < len(lines) else None}

    def _carry_out(
        self,
        order: UndoOrder,
        lines: Sequence[Line],
        offset: int,
        seconds_left: Callable[[], float],
        kept: Mapping[str, Applied],
        removals: Removals,
    ) -> Iterator[Applied | None]:
        """Carry lines out, one after the other; None for one that plans no write."""
        pace = Throughput(self.units_per_second, self.ticks, self.sleep)
        writer = ItemWriter(self.items, order.table_ref, order.shape, self.clock, pace.spend)
        asked = self.ticks()
        for start in range(offset, len(lines), _AT_ONCE):
            if self.ticks() - asked > _RECHECK:
                applying(self.ledger, order.plan_id)
                asked = self.ticks()
            together = lines[start : start + _AT_ONCE]
            seen = self._looked_at(order, writer, together)
            removals.announce(
                number
                for number, line in enumerate(seen, start)
                if line.planned is Planned.REMOVE and _name(order, line) not in kept
            )
            for number, line in enumerate(together, start):
                if seconds_left() < _RESERVE and number > offset:
                    return
                if not line.planned.writes:
                    yield None
                    continue
                applied = kept.get(_name(order, line)) or writer.carry_out(
                    line, seen[number - start], is_doubtful=removals.is_doubtful(number)
                )
                removals.settle(number, is_doubtful=applied.doubtful)
                yield applied

    def _kept(self, order: UndoOrder, part: str, offset: int) -> dict[str, Applied]:
        """What a run from the same line on did whose answer was lost; it stands as it was told."""
        key = places.applied(order.plan_id, part, offset)
        try:
            told = [Applied.model_validate_json(line) for line in unpacked(self.objects, key)]
        except NoObjectError:
            return {}
        return {_name(order, applied): applied for applied in told}

    def _looked_at(
        self, order: UndoOrder, writer: ItemWriter, lines: Sequence[Line]
    ) -> Sequence[Line]:
        """See what is about to be removed as it is now.

        A removal takes all of an item, and no condition can say "and nothing else": what others
        have added since the plan is seen here.
        """
        removals = [line for line in lines if line.planned is Planned.REMOVE]
        found = self.items.read(order.table_ref, [line.key for line in removals])
        live = iter(found)
        return [
            writer.found_otherwise(line, next(live)) if line.planned is Planned.REMOVE else line
            for line in lines
        ]


def _name(order: UndoOrder, of: Line | Applied) -> str:
    return key_text(of.key, order.shape.key.names)

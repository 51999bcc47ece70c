"""One line of a plan, carried out: written, found done, or a conflict."""

from collections.abc import Callable
from dataclasses import dataclass

from pitr_guardian.basics.errors import TryLaterError
from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.record import Item
from pitr_guardian.exports.values import same_item
from pitr_guardian.tables.reference import TableRef
from pitr_guardian.undo.anew import anew, still_due
from pitr_guardian.undo.line import Applied, Line, Outcome, Planned
from pitr_guardian.undo.ports import ConditionFailedError, ItemRefusedError, WritableItems
from pitr_guardian.undo.shape import Shape
from pitr_guardian.undo.writes import (
    TooComplexError,
    insertion,
    item_after,
    item_before,
    write_of,
)

_ATTEMPTS = 5
"""Writes of one item that others keep changing."""
_PUTTING_BACK = 20
"""Attempts to give back what a deletion took too much of: nothing may go on before that."""

_RESTLESS = "it was changed again each time that it was about to be written"
_TOOK_MORE = (
    "somebody added to it in the moment before it was removed; it was put back as they had left it"
)
_OUTCOMES = {
    Planned.REMOVE: Outcome.REMOVED,
    Planned.PUT_BACK: Outcome.PUT_BACK,
    Planned.REVERT: Outcome.REVERTED,
    Planned.MERGE: Outcome.MERGED,
}


@dataclass(frozen=True, slots=True)
class ItemWriter:
    """Carries out lines of a plan for one table; ``spend`` is told what each attempt consumed."""

    items: WritableItems
    table: TableRef
    shape: Shape
    clock: Clock
    spend: Callable[[float], None]

    def carry_out(self, line: Line, seen: Line | None = None) -> Applied:
        """Carry out one line that writes; one that was carried out before counts as done.

        Args:
            line: the plan's line.
            seen: the same as ``found_otherwise`` gave it, if the item was looked at again.

        Raises:
            TryLaterError: AWS is busy, or at fault; the line can be carried out again.
            RefusedError: AWS says no for good.
        """
        due = still_due(seen or line, self.shape.ttl_attribute, self.clock())
        for _ in range(_ATTEMPTS):
            if not due.planned.writes:
                return _untouched(line, due)
            try:
                return self._write(due)
            except ConditionFailedError as failed:
                self.spend(failed.units)
                due = anew(line, failed.item, self.shape.ttl_attribute, self.clock())
            except TooComplexError as problem:
                return _left(due, Outcome.CONFLICT, str(problem))
            except ItemRefusedError as problem:
                return _left(due, Outcome.FAILED, str(problem))
        return (
            _untouched(line, due)
            if not due.planned.writes
            else _left(due, Outcome.CONFLICT, _RESTLESS)
        )

    def found_otherwise(self, line: Line, found: Item | None) -> Line:
        """Plan a line anew if the item isn't as the plan saw it."""
        if same_item(line.live, found):
            return line
        return anew(line, found, self.shape.ttl_attribute, self.clock())

    def _write(self, due: Line) -> Applied:
        written = self.items.write(self.table, write_of(due, self.shape.key))
        self.spend(written.units)
        before = written.before
        if due.planned is Planned.REMOVE:
            if before is not None and not same_item(before, due.live):
                self._give_back(due.key, before)
                return _left(due, Outcome.CONFLICT, _TOOK_MORE, before)
            return _done(due, before, None)
        if due.planned is Planned.PUT_BACK or before is None:
            return _done(due, None, due.old)
        return _done(due, before, item_after(due, before))

    def _give_back(self, key: Item, item: Item) -> None:
        """Put back a whole item that a deletion took, unless somebody has made it again."""
        for attempt in range(_PUTTING_BACK):
            try:
                written = self.items.write(self.table, insertion(key, item, self.shape.key))
            except ConditionFailedError as failed:
                self.spend(failed.units)
                return
            except TryLaterError:
                if attempt + 1 == _PUTTING_BACK:
                    raise
            else:
                self.spend(written.units)
                return


def _untouched(line: Line, due: Line) -> Applied:
    if due.planned is not Planned.AS_BEFORE:
        return _left(due, Outcome.CONFLICT, due.why)
    if line.planned is Planned.REMOVE:
        return _done(line, line.live, None)
    if line.planned is Planned.PUT_BACK or due.live is None:
        return _done(line, None, due.live)
    return _done(line, item_before(line, due.live), due.live)


def _done(line: Line, before: Item | None, after: Item | None) -> Applied:
    return Applied(
        key=line.key,
        planned=line.planned,
        outcome=_OUTCOMES[line.planned],
        before=before,
        after=after,
    )


def _left(line: Line, outcome: Outcome, why: str | None, found: Item | None = None) -> Applied:
    """An item that is as it was found."""
    item = found if found is not None else line.live
    return Applied(
        key=line.key, planned=line.planned, outcome=outcome, before=item, after=item, why=why
    )

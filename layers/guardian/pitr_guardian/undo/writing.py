"""One line of a plan, carried out: written, found done, or a conflict."""

from collections.abc import Callable
from dataclasses import dataclass

from pitr_guardian.basics.errors import RefusedError, TryLaterError
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
_GIVING_BACK = 8
"""Attempts to give back what a deletion took too much of, each of which waits for seconds."""

_RESTLESS = "it was changed again each time that it was about to be written"
_TOOK_MORE = (
    "somebody added to it in the moment before it was removed; it was put back as they had left it"
)
_REMADE = (
    "somebody added to it in the moment before it was removed, and made another of its key since; "
    "what was taken is in the undo's files"
)
_NOT_GIVEN_BACK = (
    "somebody added to it in the moment before it was removed, and it couldn't be put back; it is "
    "in the undo's files as they had left it, put it back by hand: {problem}"
)
DOUBTFUL = (
    "it is gone, as planned, but no answer came to its removal: if somebody added to it in the "
    "moment before, that is gone as well; the table's stream may have it, where it has old images"
)
_WAS_DOUBTFUL = (
    "a function that was ended may have removed it before that, with what others had added to it"
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

    def carry_out(
        self, line: Line, seen: Line | None = None, *, is_doubtful: bool = False
    ) -> Applied:
        """Carry out one line that writes; one that was carried out before counts as done.

        Args:
            line: the plan's line.
            seen: the same as ``found_otherwise`` gave it, if the item was looked at again.
            is_doubtful: whether a run that nobody heard of again may have removed the item.

        Raises:
            TryLaterError: AWS is busy, or at fault; the line can be carried out again.
            RefusedError: AWS says no for good.
        """
        due = still_due(seen or line, self.shape.ttl_attribute, self.clock())
        was_there = due.live is not None
        for _ in range(_ATTEMPTS):
            if not due.planned.writes:
                return _untouched(line, due, is_doubtful=is_doubtful, was_there=was_there)
            try:
                return self._write(due)
            except ConditionFailedError as failed:
                self.spend(failed.units)
                due = anew(line, failed.item, self.shape.ttl_attribute, self.clock())
            except TooComplexError as problem:
                return _left(due, Outcome.CONFLICT, str(problem), due.live, after=due.live)
            except ItemRefusedError as problem:
                return _left(due, Outcome.FAILED, str(problem), due.live, after=due.live)
        return (
            _untouched(line, due, is_doubtful=is_doubtful, was_there=was_there)
            if not due.planned.writes
            else _left(due, Outcome.CONFLICT, _RESTLESS, due.live, after=due.live)
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
                return self._given_back(due, before)
            return _done(due, before, None)
        if due.planned is Planned.PUT_BACK or before is None:
            return _done(due, None, due.old)
        return _done(due, before, item_after(due, before))

    def _given_back(self, due: Line, taken: Item) -> Applied:
        """Put back a whole item that a deletion took, unless somebody has made it again."""
        problem: Exception | None = None
        for _ in range(_GIVING_BACK):
            try:
                written = self.items.write(self.table, insertion(due.key, taken, self.shape.key))
            except ConditionFailedError as failed:
                self.spend(failed.units)
                is_back = same_item(failed.item, taken)  # by a write whose answer was lost
                why = _TOOK_MORE if is_back else _REMADE
                return _left(due, Outcome.CONFLICT, why, taken, after=failed.item)
            except (TryLaterError, RefusedError) as fault:
                problem = fault
            else:
                self.spend(written.units)
                return _left(due, Outcome.CONFLICT, _TOOK_MORE, taken, after=taken)
        # Told, with the whole item: raised instead, it would be lost with this function.
        why = _NOT_GIVEN_BACK.format(problem=problem)
        return _left(due, Outcome.FAILED, why, taken, after=None)


def _untouched(line: Line, due: Line, *, is_doubtful: bool, was_there: bool) -> Applied:
    if due.planned is not Planned.AS_BEFORE:
        left = _left(due, Outcome.CONFLICT, due.why, due.live, after=due.live)
        if not is_doubtful:
            return left
        # Another was made of its key since.
        return left.model_copy(update={"why": f"{due.why}; {_WAS_DOUBTFUL}", "doubtful": True})
    if line.planned is Planned.REMOVE:
        # What was there a moment ago and is gone: others removed it, or we without an answer.
        return _done(line, line.live, None, is_doubtful=is_doubtful or was_there)
    if line.planned is Planned.PUT_BACK or due.live is None:
        return _done(line, None, due.live)
    return _done(line, item_before(line, due.live), due.live)


def _done(
    line: Line, before: Item | None, after: Item | None, *, is_doubtful: bool = False
) -> Applied:
    return Applied(
        key=line.key,
        planned=line.planned,
        outcome=_OUTCOMES[line.planned],
        before=before,
        after=after,
        why=DOUBTFUL if is_doubtful else None,
        doubtful=is_doubtful,
    )


def _left(
    line: Line, outcome: Outcome, why: str | None, before: Item | None, *, after: Item | None
) -> Applied:
    """An item that isn't as it was planned."""
    return Applied(
        key=line.key, planned=line.planned, outcome=outcome, before=before, after=after, why=why
    )

"""The end of an undo: what was done is counted, and told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.ports import Objects
from pitr_guardian.exports.values import key_text
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.undo_facts import OutcomeCounts, UndoCompleted, UndoPlanned
from pitr_guardian.undo import places
from pitr_guardian.undo.assembly import Items
from pitr_guardian.undo.line import Applied, Line, Planned
from pitr_guardian.undo.order import Approval, UndoOrder
from pitr_guardian.undo.parts import listed_parts, raw_lines
from pitr_guardian.undo.ports import UndoAnswers, UndoNotUnderWayError
from pitr_guardian.undo.record import Phase, UndoRecord
from pitr_guardian.undo.telling import done_in_words, told_of_order
from pitr_guardian.undo.verifier import Verified, done_of, total

_SHOWN_FIRST = 25
_LARGEST = 1 << 20

ReportPage = Callable[[UndoOrder, UndoCompleted, Items, Items], Iterator[str]]
"""Writes the page of what was done: ``undo.page.report_page``."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Counts what was done, and answers the approval: ``UndoCompleted``."""

    ledger: UndoAnswers
    objects: Objects
    facts: Facts
    page: ReportPage
    uri_of: Callable[[str], str]
    clock: Clock

    def finish(self, plan_id: str) -> dict[str, Any]:
        """Answer the approval.

        Returns:
            ``{"counts": …, "verified": 998}``.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan as approved.
            NoObjectError: a part wasn't verified.
        """
        record = self.ledger.record_of(plan_id)
        if record is None or record.approval is None:
            raise UndoNotUnderWayError(f"no plan {plan_id} is being carried out")
        if record.outcome is None:
            completed = self._completed(record, record.approval)
            self._write_page(record.order, completed)
            record = self.ledger.conclude(plan_id, Phase.APPLY, completed)
        answer = record.outcome
        if answer is not None:
            self.facts.publish(answer)
            self.ledger.close(plan_id, Phase.APPLY)
        if not isinstance(answer, UndoCompleted):
            return {"counts": OutcomeCounts().model_dump(by_alias=True), "verified": 0}
        return {"counts": answer.counts.model_dump(by_alias=True), "verified": answer.verified}

    def _completed(self, record: UndoRecord, approval: Approval) -> UndoCompleted:
        order, now = record.order, self.clock()
        parts = [part.part for part in listed_parts(self.objects, order.plan_id)]
        counts, verified, doubtful = total(self._verified(order.plan_id, part) for part in parts)
        if isinstance(record.plan, UndoPlanned):  # those that nobody was to touch are left as well
            conflicts = counts.conflict + record.plan.counts.conflict
            counts = counts.model_copy(update={"conflict": conflicts})
        return UndoCompleted(
            id=fact_id("undo-completed", order.plan_id),
            time=now,
            severity="warning" if counts.conflict or counts.failed or doubtful else "info",
            reason=done_in_words(order, counts, verified, doubtful),
            account=approval.account,
            counts=counts,
            verified=verified,
            doubtful=doubtful,
            seconds=round((now - approval.approved_at).total_seconds(), 1),
            report_uri=self.uri_of(places.report(order.plan_id)),
            **told_of_order(order, approval),
        )

    def _verified(self, plan_id: str, part: str) -> Verified:
        with self.objects.open(places.verified(plan_id, part)) as content:
            return Verified.model_validate_json(content.read(_LARGEST))

    def _write_page(self, order: UndoOrder, completed: UndoCompleted) -> None:
        first = list(self._first(order))
        with self.objects.writer(places.report(order.plan_id), places.PAGE_TYPE) as page:
            for piece in self.page(order, completed, first, self._items(order)):
                page.write(piece.encode("utf-8", "replace"))

    def _first(self, order: UndoOrder) -> Iterator[tuple[Line, Applied | None]]:
        """A few to show at once: what needs a person, where anything does."""
        shown = 0
        fallback: list[tuple[Line, Applied | None]] = []
        for line, applied in self._items(order):
            if _needs_a_person(line, applied):
                shown += 1
                yield line, applied
            elif len(fallback) < _SHOWN_FIRST:
                fallback.append((line, applied))
            if shown == _SHOWN_FIRST:
                return
        yield from fallback if not shown else ()

    def _items(self, order: UndoOrder) -> Iterator[tuple[Line, Applied | None]]:
        names = order.shape.key.names
        for part in listed_parts(self.objects, order.plan_id):
            done = {
                key_text(applied.key, names): applied
                for applied in done_of(self.objects, order.plan_id, part.part)
            }
            for raw in raw_lines(self.objects, order.plan_id, part.part):
                line = Line.model_validate_json(raw)
                yield line, done.get(key_text(line.key, names))


def _needs_a_person(line: Line, applied: Applied | None) -> bool:
    if applied is None:
        return line.planned is Planned.CONFLICT
    return applied.doubtful or not applied.outcome.wrote

"""The whole plan of its shards: counts, fingerprint, estimate, what people and programs read."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pitr_guardian.basics.instants import Clock
from pitr_guardian.exports.ports import Objects
from pitr_guardian.facts.facts import fact_id
from pitr_guardian.facts.ports import Facts
from pitr_guardian.facts.undo_facts import PlanCounts, UndoPlanned
from pitr_guardian.undo import places
from pitr_guardian.undo.estimate import Work, estimate_of
from pitr_guardian.undo.line import Applied, Line, Planned
from pitr_guardian.undo.order import UndoOrder
from pitr_guardian.undo.parts import Part, fingerprint_of, raw_lines
from pitr_guardian.undo.planner import Closing
from pitr_guardian.undo.ports import UndoAnswers, UndoNotUnderWayError
from pitr_guardian.undo.record import Phase
from pitr_guardian.undo.telling import plan_in_words, told_of_order

_SHOWN_FIRST = 25
_SAMPLES = 10
_LARGEST_CLOSING = 64 * 2**20

Items = Iterable[tuple[Line, Applied | None]]
PlanPage = Callable[[UndoOrder, UndoPlanned, Items, Items], Iterator[str]]
"""Writes the plan's page: ``undo.page.plan_page``."""


@dataclass(frozen=True, slots=True)
class Assembly:
    """Puts a plan together, and answers the request: ``UndoPlanned``."""

    ledger: UndoAnswers
    objects: Objects
    facts: Facts
    page: PlanPage
    uri_of: Callable[[str], str]
    """Makes of an object's key the URI that facts tell."""
    good_for: timedelta
    """``UndoPlanHours``."""
    units_per_second: int
    """``UndoWriteUnitsPerSecond``."""
    clock: Clock

    def assemble(self, plan_id: str, shards: int, exported_bytes: int) -> dict[str, Any]:
        """Put the plan together from its shards' parts, and tell of it.

        Args:
            plan_id: the plan's id.
            shards: how many shards there are.
            exported_bytes: what the exports billed (``ExportCheck``'s ``exportedBytes``).

        Returns:
            ``{"counts": …}`` of the plan.

        Raises:
            UndoNotUnderWayError: the ledger knows no such plan.
        """
        record = self.ledger.record_of(plan_id)
        if record is None:
            raise UndoNotUnderWayError(f"no plan {plan_id} is being made")
        if record.plan is None:
            planned = self._put_together(record.order, shards, exported_bytes)
            record = self.ledger.conclude(plan_id, Phase.PLAN, planned)
        answer = record.plan
        if answer is not None:
            self.facts.publish(answer)
            self.ledger.close(plan_id, Phase.PLAN)
        told = answer.counts if isinstance(answer, UndoPlanned) else PlanCounts()
        return {"counts": told.model_dump(by_alias=True)}

    def _put_together(self, order: UndoOrder, shards: int, exported_bytes: int) -> UndoPlanned:
        parts = [part for shard in range(shards) for part in self._parts_of(order, shard)]
        plan_id = order.plan_id
        listed = b"".join(part.line for part in parts if part.writes)
        self.objects.put(places.parts_list(plan_id), listed, places.ITEMS_TYPE)
        planned = self._planned(order, parts, shards, exported_bytes)
        first = self._first(plan_id, parts)
        with self.objects.writer(places.items(plan_id), places.ITEMS_TYPE) as items:
            for part in parts:
                items.writelines(raw_lines(self.objects, plan_id, part.part))
        with self.objects.writer(places.page(plan_id), places.PAGE_TYPE) as page:
            all_items = ((line, None) for line in self._lines(plan_id, parts))
            for piece in self.page(order, planned, [(line, None) for line in first], all_items):
                page.write(piece.encode("utf-8", "replace"))
        summary = {
            **planned.detail(),
            "audience": order.shape.audience.model_dump(by_alias=True),
            "samples": [line.key for line in first[:_SAMPLES]],
        }
        self.objects.put(
            places.summary(plan_id), json.dumps(summary, indent=2).encode(), places.JSON_TYPE
        )
        return planned

    def _parts_of(self, order: UndoOrder, shard: int) -> tuple[Part, ...]:
        with self.objects.open(places.closing(order.plan_id, shard)) as content:
            return Closing.model_validate_json(content.read(_LARGEST_CLOSING)).parts

    def _planned(
        self, order: UndoOrder, parts: list[Part], shards: int, exported_bytes: int
    ) -> UndoPlanned:
        now, plan_id = self.clock(), order.plan_id
        counts = _sum(parts)
        work = Work(
            exports=len(order.windows.exports) if order.windows else 0,
            exported_bytes=exported_bytes,
            shards=shards,
            parts=len(parts),
            items=sum(part.lines for part in parts),
            writes=sum(part.writes for part in parts),
            write_units=sum(part.units for part in parts),
            replicas=len(order.shape.audience.replicas),
        )
        return UndoPlanned(
            id=fact_id("undo-planned", plan_id),
            time=now,
            severity="warning" if counts.conflict else "info",
            reason=plan_in_words(order, counts, now + self.good_for),
            fingerprint=fingerprint_of(order, parts),
            expires_at=now + self.good_for,
            counts=counts,
            estimate=estimate_of(work, self.units_per_second),
            plan_uri=self.uri_of(places.page(plan_id)),
            items_uri=self.uri_of(places.items(plan_id)),
            **told_of_order(order),
        )

    def _first(self, plan_id: str, parts: list[Part]) -> list[Line]:
        """A few lines to show at once: conflicts, where there are any; else what is written."""
        conflicts = [part for part in parts if part.counts.conflict]
        found: list[Line] = []
        for part in conflicts or parts:
            for raw in raw_lines(self.objects, plan_id, part.part):
                line = Line.model_validate_json(raw)
                if not conflicts or line.planned is Planned.CONFLICT:
                    found.append(line)
                if len(found) == _SHOWN_FIRST:
                    return found
        return found

    def _lines(self, plan_id: str, parts: list[Part]) -> Iterator[Line]:
        for part in parts:
            for raw in raw_lines(self.objects, plan_id, part.part):
                yield Line.model_validate_json(raw)


def _sum(parts: list[Part]) -> PlanCounts:
    counted = [part.counts.model_dump() for part in parts]
    return PlanCounts(
        **{name: sum(each[name] for each in counted) for name in PlanCounts.model_fields}
    )

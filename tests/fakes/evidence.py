"""The chain of evidence, and where it is kept, in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from pitr_guardian.drills.evidence.chain import FIRST, Link
from pitr_guardian.drills.evidence.ports import AnsweredError, ChainMovedError
from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.drills.evidence.year import KnownTable
from pitr_guardian.drills.order import DrillOrder
from pitr_guardian.facts.drill_facts import DrillFailed, DrillPassed
from pitr_guardian.tables.reference import TableRef


def _nothing() -> None:
    pass


class FakeChain:
    """``drills.evidence.ports.EvidenceChain`` and ``YearOfDrills`` in memory."""

    def __init__(self) -> None:
        self.last = FIRST
        self.pieces: dict[str, DrillSummary] = {}
        self.tables: list[KnownTable] = []
        self.left_out: dict[TableRef, list[str]] = {}
        self.before_move: Callable[[], None] = _nothing
        """What others do just before the head is moved."""
        self.is_answered: Callable[[str], bool] = lambda drill_id: drill_id in self.pieces
        self.record: Callable[[DrillPassed | DrillFailed], object] = lambda _: None
        """Records a drill's answer, with its evidence."""

    def head(self) -> Link:
        return self.last

    def link_of(self, drill_id: str, year: int) -> DrillSummary | None:
        found = self.pieces.get(drill_id)
        return found if found and found.year == year else None

    def move(
        self,
        before: Link,
        summary: DrillSummary,
        order: DrillOrder,
        answer: DrillPassed | DrillFailed,
    ) -> None:
        self.before_move()
        if self.is_answered(summary.drill_id):
            raise AnsweredError(summary.drill_id)
        if self.last != before:
            raise ChainMovedError(summary.drill_id)
        self.record(answer)
        self.last = summary.link
        self.pieces[summary.drill_id] = DrillSummary.model_validate_json(
            summary.model_dump_json(by_alias=True)
        )

    def drills_of(self, year: int) -> list[DrillSummary]:
        found = [each for each in self.pieces.values() if each.year == year]
        return sorted(found, key=lambda each: each.asked)

    def left_out_in(self, year: int) -> Mapping[TableRef, list[str]]:
        return {
            table: [month for month in months if month.startswith(str(year))]
            for table, months in self.left_out.items()
        }

    def known_tables(self) -> list[KnownTable]:
        return self.tables


class FakeEvidenceObjects:
    """``drills.evidence.ports.EvidenceObjects`` in memory, every version of each object."""

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[bytes, datetime | None]]] = {}

    def keep(self, key: str, content: bytes, content_type: str, until: datetime | None) -> str:
        self.kept.setdefault(key, []).append((content, until))
        return f"s3://evidence/{key}"

    def latest(self, key: str) -> bytes:
        return self.kept[key][-1][0]

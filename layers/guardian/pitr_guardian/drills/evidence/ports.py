"""What keeping evidence needs of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pitr_guardian.drills.evidence.chain import Link
    from pitr_guardian.drills.evidence.summary import DrillSummary
    from pitr_guardian.drills.evidence.year import KnownTable
    from pitr_guardian.drills.order import DrillOrder
    from pitr_guardian.drills.ports import DrillAnswer
    from pitr_guardian.tables.reference import TableRef


class AnsweredError(Exception):
    """A drill has an answer already: nothing else is chained for it."""


class ChainMovedError(Exception):
    """Another piece of evidence was chained meanwhile."""


class EvidenceChain(Protocol):
    """The chain's head, and what is chained already."""

    def head(self) -> Link:
        """Tell the last link; ``FIRST`` where there is none."""

    def link_of(self, drill_id: str, year: int) -> DrillSummary | None:
        """Tell what is chained of a drill; None where nothing is."""

    def move(
        self, before: Link, summary: DrillSummary, order: DrillOrder, answer: DrillAnswer
    ) -> None:
        """Chain a drill's evidence, and record the answer that it comes to, both or neither.

        So no answer says anything else than the evidence that is in the chain.

        Args:
            before: the head, which moves on from there.
            summary: the evidence.
            order: the drill's.
            answer: the drill's.

        Raises:
            AnsweredError: the drill has an answer, with evidence that is chained or without any.
            ChainMovedError: the head isn't that link.
        """


class YearOfDrills(Protocol):
    """What was proved in a year."""

    def drills_of(self, year: int) -> Sequence[DrillSummary]:
        """List the drills that were asked for in a year, in UTC; the oldest first."""

    def left_out_in(self, year: int) -> Mapping[TableRef, Sequence[str]]:
        """Tell in which months of a year the budget left tables out: ``["2026-11"]``."""

    def known_tables(self) -> Sequence[KnownTable]:
        """List the tables that the guardian knows, and that are there."""


class EvidenceObjects(Protocol):
    """Objects of the evidence bucket, to keep."""

    def keep(self, key: str, content: bytes, content_type: str, until: datetime | None) -> str:
        """Write an object; with a date, nobody can remove or change this version until then.

        Returns:
            its URI.
        """

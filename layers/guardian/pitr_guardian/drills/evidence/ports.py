"""What keeping evidence needs of the world, as protocols: ``aws`` fulfils them, and so do fakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # whoever asks for a port shouldn't pay for what the others speak of
    from collections.abc import Sequence
    from datetime import datetime

    from pitr_guardian.drills.evidence.chain import Link
    from pitr_guardian.drills.evidence.summary import DrillSummary
    from pitr_guardian.drills.evidence.year import KnownTable


class ChainMovedError(Exception):
    """Another piece of evidence was chained meanwhile; or this drill's was, by another attempt."""


class EvidenceChain(Protocol):
    """The chain's head, and what is chained already."""

    def head(self) -> Link:
        """Tell the last link; ``FIRST`` where there is none."""

    def link_of(self, drill_id: str, year: int) -> DrillSummary | None:
        """Tell what is chained of a drill; None where nothing is."""

    def move(self, before: Link, summary: DrillSummary) -> None:
        """Chain a drill's evidence: move the head from one link to this one.

        Raises:
            ChainMovedError: the head isn't that link, or this drill's evidence is chained.
        """


class YearOfDrills(Protocol):
    """What was proved in a year."""

    def drills_of(self, year: int) -> Sequence[DrillSummary]:
        """List the drills that were asked for in a year, in UTC; the oldest first."""

    def known_tables(self) -> Sequence[KnownTable]:
        """List the tables that the guardian knows, and that are there."""


class EvidenceObjects(Protocol):
    """Objects of the evidence bucket, to keep."""

    def keep(self, key: str, content: bytes, content_type: str, until: datetime | None) -> str:
        """Write an object; with a date, nobody can remove or change this version until then.

        Returns:
            its URI.
        """

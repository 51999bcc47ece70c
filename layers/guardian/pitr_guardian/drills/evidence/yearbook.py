"""Writes the page of a year anew, whenever a drill of it has ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pitr_guardian.basics.instants import Clock
from pitr_guardian.drills import places
from pitr_guardian.drills.evidence.ports import EvidenceObjects, YearOfDrills
from pitr_guardian.drills.evidence.year import TableYear, year_of

YearPage = Callable[[int, Sequence[TableYear], datetime], str]
"""Writes the page of a year: ``evidence.year_page``."""


@dataclass(frozen=True, slots=True)
class Yearbook:
    """Writes the page of a year. It isn't evidence: each drill in it has its own."""

    ledger: YearOfDrills
    objects: EvidenceObjects
    page: YearPage
    clock: Clock

    def write(self, year: int) -> str:
        """Write the page of a year; the same again is harmless.

        Returns:
            its URI.
        """
        ledger = self.ledger
        tables = year_of(ledger.drills_of(year), ledger.known_tables(), ledger.left_out_in(year))
        page = self.page(year, tables, self.clock())
        content = page.encode("utf-8", "replace")
        return self.objects.keep(places.year_page(year), content, places.PAGE_TYPE, None)

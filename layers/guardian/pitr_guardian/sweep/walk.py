"""Walking along a region's list of tables, as far as one invocation has the time for."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pitr_guardian.drift.memory import Memory
from pitr_guardian.sweep.ports import (
    Catalogue,
    Sightings,
)
from pitr_guardian.tables.reference import Scope, TableRef

_PAGE = 100
"""The most that one call lists, and that one reads from the ledger (DynamoDB API reference)."""

_GRACE = 15.0
"""Seconds over its time after which an invocation begins no further look, whatever AWS's pace."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How fast to look at tables, and for about how many seconds at a time."""

    per_second: int
    seconds: int

    @property
    def page(self) -> int:
        """How many tables to list at once."""
        return min(_PAGE, self.per_second * self.seconds)

    @property
    def pages(self) -> int:
        """How many full pages there is about time for."""
        return round(self.per_second * self.seconds / self.page)


@dataclass(frozen=True, slots=True)
class Known:
    """A table that was listed, and what is remembered under its name."""

    table: TableRef
    memory: Memory


class Walk:
    """One stretch of the list. Begins when it is made."""

    def __init__(
        self,
        catalogue: Catalogue,
        sightings: Sightings,
        bounds: Bounds,
        ticks: Callable[[], float],
    ) -> None:
        """Take where the tables are, how far to go, and a clock that only goes forward."""
        self._catalogue = catalogue
        self._sightings = sightings
        self._bounds = bounds
        self._ticks = ticks
        self._begun = ticks()
        self.next: str | None = None
        """After which name to go on; None once the list is at its end."""

    def tables(self, scope: Scope, after: str | None) -> Iterator[Known]:
        """List the tables after a name; ends at a full page, or anywhere when time is over."""
        self.next = after
        for _ in range(self._bounds.pages):
            page = self._catalogue.page(scope, self.next, self._bounds.page)
            memories = self._sightings.recall_all(page.tables)
            for table in page.tables:
                yield Known(table, memories.get(table, Memory()))
                self.next = table.name
                if self.is_over_time():
                    return
            self.next = page.last
            if self.next is None:
                return

    def is_over_time(self) -> bool:
        """Whether no further look should begin."""
        return self._ticks() - self._begun > self._bounds.seconds + _GRACE

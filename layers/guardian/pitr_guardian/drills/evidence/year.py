"""A year of drills: each table, what was proved of it, and what never was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pitr_guardian.drills.evidence.summary import DrillSummary
from pitr_guardian.tables.reference import TableRef


@dataclass(frozen=True, slots=True)
class KnownTable:
    """A table that the guardian knows."""

    table: TableRef


@dataclass(frozen=True, slots=True)
class TableYear:
    """A table's drills in a year, the newest first."""

    table: TableRef
    drills: tuple[DrillSummary, ...] = ()
    is_there: bool = True
    """Whether the table still is there."""
    left_out: tuple[str, ...] = ()
    """The months in which it was due, and the budget left it out: ``2026-11``."""

    @property
    def last_passed(self) -> DrillSummary | None:
        """The last one that passed."""
        return next((drill for drill in self.drills if drill.outcome == "passed"), None)

    @property
    def state(self) -> str:
        """``proved``, ``failed`` (the last one did), ``small`` (never as a whole), ``never``."""
        if not self.drills:
            return "never"
        if self.drills[0].outcome == "failed":
            return "failed"
        return "proved" if any(self._is_whole(drill) for drill in self.drills) else "small"

    def _is_whole(self, drill: DrillSummary) -> bool:
        return drill.outcome == "passed" and drill.kind == "full"


_ORDER = ("failed", "never", "small", "proved")


def year_of(
    drills: Iterable[DrillSummary],
    known: Sequence[KnownTable],
    left_out: Mapping[TableRef, Sequence[str]] | None = None,
) -> list[TableYear]:
    """Put a year together; what needs a person comes first.

    Args:
        drills: all of the year's.
        known: the tables that are there now.
        left_out: the months in which the budget left tables out.
    """
    by_table: dict[TableRef, list[DrillSummary]] = {each.table: [] for each in known}
    there = set(by_table)
    for drill in sorted(drills, key=lambda each: each.asked, reverse=True):
        by_table.setdefault(TableRef.from_arn(drill.table.arn), []).append(drill)
    months = left_out or {}
    for table in months:
        by_table.setdefault(table, [])
    found = [
        TableYear(table, tuple(of_it), table in there, tuple(months.get(table, ())))
        for table, of_it in by_table.items()
    ]
    return sorted(found, key=lambda each: (_ORDER.index(each.state), each.table.arn))

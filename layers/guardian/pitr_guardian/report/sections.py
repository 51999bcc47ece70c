"""The page's lists under the tables: exemptions, exposures and restores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from pitr_guardian.report.content import LOOK_BACK, Report
from pitr_guardian.report.past_view import Line, exemption_line, incident_line, restore_line
from pitr_guardian.report.sweep import Status
from pitr_guardian.report.words import length, many

LONGEST = 500
"""Lines in a list at most; the page says where the others are."""

_BACK = f"in the last {LOOK_BACK.days} days"


@dataclass(frozen=True)
class Section:
    """A list under a heading; ``count`` is how many lines there would be if all were shown."""

    id: str
    title: str
    summary: str
    headings: tuple[str, ...]
    count: int
    lines: list[Line]

    @property
    def left_out(self) -> int:
        """How many lines were too many."""
        return self.count - len(self.lines)


def exemptions(report: Report) -> Section:
    """The exempt tables, those first whose exemption ends first."""
    exempt = [row for row in report.tables if row.status is Status.EXEMPT]
    exempt.sort(key=lambda row: row.exempt_until or date.max)
    today = report.sweep.started_at.date()
    return Section(
        "exemptions",
        "Exemptions",
        many(len(exempt), "table"),
        ("Ends", "Table", "Reason", "Owner"),
        len(exempt),
        _some(exemption_line(row, today) for row in exempt),
    )


def exposures(report: Report) -> Section:
    """What the guardian put right, or had to leave, the newest first."""
    seconds = [each.exposure.seconds for each in report.incidents if each.exposure]
    unprotected = f", {length(sum(seconds))} in all without protection" if seconds else ""
    return Section(
        "exposures",
        "Exposures",
        f"{many(len(report.incidents), 'exposure')} {_BACK}{unprotected}",
        ("Began", "Table", "Caused by", "How long", "What was lost"),
        len(report.incidents),
        _some(incident_line(incident) for incident in report.incidents),
    )


def restores(report: Report) -> Section:
    """The restores, the newest first."""
    failed = sum(restore.outcome == "failed" for restore in report.restores)
    return Section(
        "restores",
        "Restores",
        f"{many(len(report.restores), 'restore')} {_BACK}" + (f", {failed} failed" * bool(failed)),
        ("Asked", "Restored to", "As of", "Took", "Outcome"),
        len(report.restores),
        _some(restore_line(restore) for restore in report.restores),
    )


def _some(lines: Iterable[Line]) -> list[Line]:
    return list(islice(lines, LONGEST))

"""The page's lists under the tables: exemptions, exposures and restores."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice

from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
)
from pitr_guardian.pages.words import (
    length,
    many,
)
from pitr_guardian.report.content import (
    LOOK_BACK,
    Report,
)
from pitr_guardian.report.history import Incident
from pitr_guardian.report.past_view import (
    Line,
    exemption_line,
    exposed_line,
    incident_line,
    restore_line,
)
from pitr_guardian.report.sweep import Status

LONGEST = 40
"""Lines in a list at most: a page is to be read. It says where the others are."""

_LEFT_ALONE = frozenset({DriftDetected.detail_type, DriftTolerated.detail_type})

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
    """The tables that are off now, then what was put right, or left, the newest first."""
    now = report.exposed_now
    past = [each for each in report.incidents if not _goes_on(each, report)]
    counted = sum(each.is_exposure for each in past) + len(now)
    lengths = [each.exposure.seconds for each in past if each.exposure]
    going_on = [report.seconds_exposed(row) for row in now]
    lengths += [seconds for seconds in going_on if seconds is not None]
    off = f", {many(len(now), 'table is', 'tables are')} off now" if now else ""
    unprotected = f", {length(sum(lengths))} in all without protection" if lengths else ""
    if None in going_on:
        unprotected += ", and more: since when is not known of each"
    return Section(
        "exposures",
        "Exposures",
        f"{many(counted, 'exposure')} {_BACK}{off}{unprotected}",
        ("Began", "Table", "Caused by", "How long", "What was lost"),
        len(past) + len(now),
        _some(
            chain(
                (
                    exposed_line(row, report.standing(row), seconds)
                    for row, seconds in zip(now, going_on, strict=True)
                ),
                map(incident_line, past),
            )
        ),
    )


def _goes_on(incident: Incident, report: Report) -> bool:
    """Whether an incident told of an exposure that goes on: that is listed already."""
    standing = report.standings.get(incident.table.arn)
    return (
        incident.detail_type in _LEFT_ALONE
        and standing is not None
        and standing.since is not None
        and incident.time >= standing.since
        and incident.table.arn in report.off_now
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

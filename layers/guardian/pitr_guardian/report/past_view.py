"""Exemptions, exposures and restores in the words of the page."""

from dataclasses import dataclass
from datetime import date

from pitr_guardian.facts.actor import Actor
from pitr_guardian.facts.facts import (
    DriftDetected,
    DriftTolerated,
    HistoryLost,
    PeriodInvalid,
    PitrReenabled,
)
from pitr_guardian.pages.words import (
    clean,
    length,
    minute,
)
from pitr_guardian.report.history import (
    Incident,
    Restore,
)
from pitr_guardian.report.standing import Standing
from pitr_guardian.report.sweep import (
    Status,
    TableRow,
)
from pitr_guardian.report.words import (
    caller,
    days,
    in_days,
)

_BY_TAG = "by-tag"
_HOW = {
    "switched-off-and-on": ("off, and on at once", "before the guardian looked"),
    "shortened-and-lengthened": ("shortened, and put back", "before the guardian looked"),
    _BY_TAG: ("shortened", "the table's own tag asked for it"),
}
"""What a time of ``History Lost`` was like."""


@dataclass(frozen=True)
class Cell:
    """A cell of the page: what it says, and what it adds in a lower voice."""

    text: str
    aside: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the page; ``bad`` is what went wrong in it, if anything did."""

    cells: tuple[Cell, ...]
    bad: bool = False


def exemption_line(row: TableRow, today: date) -> Line:
    """Put an exemption into words: until when, of what, why, and whose."""
    until = row.exempt_until
    return Line(
        (
            Cell(until.isoformat(), in_days(until, today)) if until else Cell("not known"),
            _table(row.name, row.region, row.account),
            Cell(clean(row.exempt_reason or "no reason given")),
            Cell(clean(row.exempt_owner or "nobody named")),
        )
    )


def incident_line(incident: Incident) -> Line:
    """Put an exposure into words: when, of what, what happened, who it was, and what it cost."""
    table = incident.table
    began = incident.exposure.from_ if incident.exposure else incident.time
    return Line(
        (
            Cell(minute(began)),
            _table(table.name, table.region, table.account),
            _who(incident.actor),
            _how_long(incident),
            _lost(incident),
        ),
        bad=incident.detail_type == DriftDetected.detail_type
        or (incident.detail_type == HistoryLost.detail_type and incident.how != _BY_TAG),
    )


def exposed_line(row: TableRow, standing: Standing, seconds: float | None) -> Line:
    """Put a table that is off now into words, like an exposure: it is one, and goes on."""
    exempt = row.status is Status.EXEMPT
    return Line(
        (
            Cell(minute(standing.since) if standing.since else "not known"),
            _table(row.name, row.region, row.account),
            _who(standing.actor),
            Cell(
                "until now" if seconds is None else f"{length(seconds)} until now",
                "off, exempt" if exempt else "off",
            ),
            Cell("all until it is on", "nothing can be restored"),
        ),
        bad=not exempt,
    )


def restore_line(restore: Restore) -> Line:
    """Put a restore into words: when, from what to what, as of when, how long, how it ended."""
    order = restore.order
    as_of = minute(restore.restored_to) if restore.restored_to else order.request.restore_to
    took = "no end yet" if restore.seconds is None else length(restore.seconds)
    return Line(
        (
            Cell(minute(order.accepted_at), clean(order.request.requested_by or "")),
            Cell(clean(order.target.name), f"from {clean(order.source.name)}"),
            Cell(clean(as_of)),
            Cell(took),
            _outcome(restore),
        ),
        bad=restore.outcome == "failed" or bool(_failed_settings(restore)),
    )


def _table(name: str, region: str, account: str) -> Cell:
    return Cell(clean(name), clean(f"{region} · {account}"))


def _who(actor: Actor | None) -> Cell:
    if actor is None:
        return Cell("not known")
    traces = [actor.tool or actor.user_agent, actor.source_ip]
    return Cell(clean(caller(actor)), " · ".join(clean(each) for each in traces if each))


def _how_long(incident: Incident) -> Cell:
    if incident.detail_type == HistoryLost.detail_type:
        return Cell(*_HOW.get(incident.how or "", ("at once", "PITR is on")))
    if incident.detail_type == PeriodInvalid.detail_type:
        return Cell("not an exposure", "the period tag can't be read")
    if incident.exposure:
        return Cell(length(incident.exposure.seconds), "unprotected")
    if incident.detail_type == DriftDetected.detail_type:
        return Cell("not put right", "the guardian only notifies")
    if incident.detail_type == DriftTolerated.detail_type:
        until = incident.exempt_until
        return Cell("tolerated", f"exempt through {until.isoformat()}" if until else "exempt")
    return Cell("put right", "the period was shortened")


def _lost(incident: Incident) -> Cell:
    lost = incident.lost_window
    if lost:
        span = length((lost.latest - lost.earliest).total_seconds())
        return Cell(span, f"back to {minute(lost.earliest)}")
    if incident.from_ is not None:
        back = days(incident.to) if incident.to is not None else "its own period"
        return Cell(f"what is older than {days(incident.from_)}", f"grows back to {back}")
    if incident.detail_type == PeriodInvalid.detail_type:
        return Cell("nothing", clean(f"{incident.tag_key} holds {incident.tag_value}"))
    if incident.detail_type == PitrReenabled.detail_type:
        return Cell("all until then", "how far back is not known")
    return Cell("not known")


def _failed_settings(restore: Restore) -> list[str]:
    failed = (restore.settings or {}).get("failed", [])
    entries = failed if isinstance(failed, list) else [failed]
    return [str(entry.get("setting") if isinstance(entry, dict) else entry) for entry in entries]


def _outcome(restore: Restore) -> Cell:
    match restore.outcome:
        case None:
            return Cell("under way", "no outcome is recorded")
        case "failed":
            return Cell("failed", clean(restore.failure or ""))
    failed = _failed_settings(restore)
    return Cell("completed", clean(f"but not put back: {', '.join(failed)}") if failed else "")

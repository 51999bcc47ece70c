"""What a report says, whatever form it takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from pitr_guardian.basics.instants import iso
from pitr_guardian.report.attention import (
    Attention,
    attention_of,
    in_order,
)
from pitr_guardian.report.history import (
    Drill,
    Incident,
    Past,
    Restore,
    drill_from,
    incident_from,
    read_all,
    restore_from,
)
from pitr_guardian.report.standing import (
    UNKNOWN,
    Standing,
    is_off,
    seconds_off,
    standings,
)
from pitr_guardian.report.sweep import (
    Part,
    Region,
    Status,
    Sweep,
    TableRow,
    rows_of,
)

LOOK_BACK = timedelta(days=90)
"""How far the report looks back on exposures and restores."""


@dataclass(frozen=True)
class Report:
    """The tables in order of urgency; incidents and restores with the newest first."""

    sweep: Sweep
    written_at: datetime
    tables: tuple[TableRow, ...]
    incidents: tuple[Incident, ...]
    restores: tuple[Restore, ...]
    standings: Mapping[str, Standing]
    """How each table that is drifted, or exempt and off, came to be so, by its ARN."""
    drills: Mapping[str, Drill]
    """The last drill of each table that was ever drilled, by its ARN."""
    notes: tuple[str, ...]
    """What is missing from the report, one sentence each."""

    @cached_property
    def counts(self) -> Mapping[Status, int]:
        """How many tables were found in each status."""
        found = Counter(row.status for row in self.tables)
        return {status: found[status] for status in Status}

    @property
    def protected_share(self) -> float | None:
        """The protected tables' share of all, 0 to 1; None where there are no tables."""
        return self.counts[Status.PROTECTED] / len(self.tables) if self.tables else None

    def attention(self, row: TableRow) -> Attention:
        """Tell what a table asked for on the day of the sweep."""
        return attention_of(row, self.sweep.started_at.date())

    @cached_property
    def attentions(self) -> Mapping[Attention, int]:
        """How many tables ask for what."""
        found = Counter(self.attention(row) for row in self.tables)
        return {attention: found[attention] for attention in Attention}

    def standing(self, row: TableRow) -> Standing:
        """Tell who left a table as it is, and since when."""
        return self.standings.get(row.arn, UNKNOWN)

    def drill(self, row: TableRow) -> Drill | None:
        """Tell a table's last drill; None where it never was drilled."""
        return self.drills.get(row.arn)

    @cached_property
    def exposed_now(self) -> list[TableRow]:
        """The tables without PITR now, those first that are off longest; exempt ones too."""
        off = [row for row in self.tables if is_off(row)]
        return sorted(off, key=lambda row: self.standing(row).since or self.sweep.started_at)

    @cached_property
    def off_now(self) -> frozenset[str]:
        """ARNs of the tables without PITR now."""
        return frozenset(row.arn for row in self.exposed_now)

    def seconds_exposed(self, row: TableRow) -> float | None:
        """How long a table has been off, of the time that the report looks back on."""
        now = self.sweep.started_at
        return seconds_off(self.standing(row), now - LOOK_BACK, now)

    @cached_property
    def worst_first(self) -> list[Region]:
        """The regions, those first that were not read, then those whose tables need somebody."""
        return sorted(self.sweep.regions, key=lambda each: each.urgency)

    @property
    def warnings(self) -> list[str]:
        """What is missing from the report and what isn't watched, in sentences."""
        sweep = self.sweep
        told = [
            told
            for region in self.worst_first
            for told in region.warnings(sweep.account, sweep.account_names)
        ]
        if sweep.lost:
            told.append(f"What became of {sweep.lost} regions could not be told.")
        return [*told, *self.notes]


def assemble(sweep: Sweep, parts: list[Part], past: Past, now: datetime) -> Report:
    """Put a report together; what can't be read leaves a note instead of stopping it."""
    rows, row_notes = rows_of(parts)
    found, standing_notes = standings(past.drifts, rows, sweep.started_at)
    incidents, incident_notes = read_all(past.incidents, incident_from, "incidents")
    restores, restore_notes = read_all(past.restores, restore_from, "restores")
    drills, drill_notes = read_all(past.drills, drill_from, "drills")
    since = now - LOOK_BACK
    recent = [each for each in restores if (each.finished_at or now) >= since]
    return Report(
        sweep=sweep,
        written_at=now,
        tables=tuple(in_order(rows, sweep.started_at.date())),
        incidents=tuple(sorted(incidents, key=lambda each: each.time, reverse=True)),
        restores=tuple(sorted(recent, key=lambda each: each.order.accepted_at, reverse=True)),
        standings=found,
        drills={each.table.arn: each for each in sorted(drills, key=lambda each: each.asked)},
        notes=(*row_notes, *incident_notes, *restore_notes, *standing_notes, *drill_notes),
    )


def document(report: Report) -> dict[str, Any]:
    """Write a report as data: all of it, in the same order as on the page."""
    return {
        "version": "1",
        "sweepId": report.sweep.sweep_id,
        "startedAt": iso(report.sweep.started_at),
        "writtenAt": iso(report.written_at),
        "summary": {
            "tables": len(report.tables),
            **{status.value: count for status, count in report.counts.items()},
            "protectedShare": report.protected_share,
        },
        "accounts": report.sweep.account_names,
        "regions": [_json(region) for region in report.sweep.regions],
        "notes": list(report.notes),
        "tables": [
            {
                **_json(row),
                "attention": _camel(report.attention(row)),
                **_standing(report, row),
                "lastDrill": _last_drill(report, row),
            }
            for row in report.tables
        ],
        "exposedNow": [
            {"arn": row.arn, "seconds": report.seconds_exposed(row), **_standing(report, row)}
            for row in report.exposed_now
        ],
        "exposures": [_json(incident) for incident in report.incidents],
        "restores": [{**_json(each), "seconds": each.seconds} for each in report.restores],
    }


def _standing(report: Report, row: TableRow) -> dict[str, Any]:
    since, actor = report.standing(row)
    return {
        "since": iso(since) if since else None,
        "actor": actor.model_dump(by_alias=True, mode="json") if actor else None,
    }


def _last_drill(report: Report, row: TableRow) -> dict[str, Any] | None:
    drill = report.drill(row)
    return (
        None if drill is None else drill.model_dump(by_alias=True, mode="json", exclude={"table"})
    )


def _json(model: TableRow | Region | Incident | Restore) -> dict[str, Any]:
    return model.model_dump(by_alias=True, mode="json")


def _camel(attention: Attention) -> str:
    first, *rest = attention.name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)

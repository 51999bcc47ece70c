"""`status`: in one screen, whether the guardian is well and which tables need a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import typer
from rich.text import Text

from pitr_guardian_cli.aws import health, live
from pitr_guardian_cli.aws.ledger import RestoreRecord
from pitr_guardian_cli.aws.members import members
from pitr_guardian_cli.command import command
from pitr_guardian_cli.facts import Json
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit
from pitr_guardian_cli.report import Report, Row, place_column
from pitr_guardian_cli.terminal.tables import columns, heading, pairs, styled
from pitr_guardian_cli.times import duration

_LOOKED_AT = 50
"""So many drifted tables are looked at again: a sweep may have handed them over a second ago."""

_SHOWN = 50
"""So many of a kind are one screen; an organization may have a thousand."""


@dataclass(frozen=True)
class Status:
    """What there is to say."""

    report: Report | None
    queues: health.Queues
    alarms: list[str]
    troubles: list[str]
    """What is wrong with the guardian itself, one sentence each."""
    tables: list[Row]
    """Those that need a person, as they are now."""
    restores: list[RestoreRecord]
    """Those that are under way."""

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has something to do."""
        return bool(self.troubles or self.tables)


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "status")(status)


def status(here: Here) -> Exit:
    """Is the guardian well, and which tables need a person?

    The exit code is 3 where something needs one.

    \b
    At a glance:
      pitr-guardian status
    In a script:
      pitr-guardian status --json | jq -r '.tables[] | [.name, .why] | @tsv'
    """
    found = _found(here)
    if here.as_json:
        here.print_json(_json(here, found))
    else:
        _show(here, found)
    return Exit.NEEDS_A_PERSON if found.needs_a_person else Exit.DONE


def _found(here: Here) -> Status:
    report = here.latest_report()
    queues = health.queues(here.door, here.stack)
    alarms = health.alarms_on(here.door.cloudwatch, here.stack.name)
    rows = [row for row in report.rows if row.needs_a_person] if report else []
    return Status(
        report=report,
        queues=queues,
        alarms=alarms,
        troubles=_troubles(here, report, queues, alarms),
        tables=[row for number, row in enumerate(rows) if not _is_over(here, row, number)],
        restores=here.ledger.restores(here.ledger.open_restores()),
    )


def _is_over(here: Here, row: Row, number: int) -> bool:
    """Whether drift that the sweep found was put right since."""
    if row.attention != "drifted" or number >= _LOOKED_AT:
        return False
    if (
        row.account != here.stack.account
    ):  # whoever asks has no rights there: the sweep's word counts
        return False
    return live.is_in_order(here.door, row.arn, row.own_period_in_days) is True


def _troubles(
    here: Here, report: Report | None, queues: health.Queues, alarms: list[str]
) -> list[str]:
    told = []
    if report is None:
        told.append("No sweep has written a report yet: pitr-guardian sweep")
    elif health.is_overdue(here.stack, report, here.now()):
        told.append(f"No sweep has ended since {here.shown(report.started_at)}")
    for region in report.regions if report else []:
        if region.get("error"):
            told.append(f"{_place(here, report, region)} could not be read: {region['error']}")
        if region.get("trail") == "missing":
            told.append(
                f"No trail records {_place(here, report, region)}: only the sweep protects it"
            )
    now = here.now()
    who = members(here.stack, here.ledger, now)
    told += [f"Nothing is heard of {each.account} in {each.region}" for each in who.silent(now)]
    told += [f"Account {each} doesn't let the guardian in" for each in who.closed]
    if queues.dead_letters:
        told.append(f"{queues.dead_letters} dead letters: tables that could not be handled")
    if queues.undelivered:
        told.append(f"{queues.undelivered} events could not be told or handled")
    told += [f"Alarm {alarm} is on" for alarm in alarms]
    if "ROLLBACK" in here.stack.status or here.stack.status.endswith("_FAILED"):
        told.append(f"The stack is {here.stack.status}")
    return told


def _place(here: Here, report: Report | None, region: Json) -> str:
    account = region.get("account")
    if report is None or not account or account == here.stack.account:
        return str(region["region"])
    of = f" of account {report.called(account)}"
    return f"{region['region']}{of}"


def _show(here: Here, found: Status) -> None:
    stack, report = here.stack, found.report
    bad = bool(found.troubles)
    state = Text("needs a person" if bad else "well", style="bold red" if bad else "bold green")
    swept = "-"
    if report is not None and report.started_at is not None:
        ago = duration((here.now() - report.started_at).total_seconds())
        swept = f"{here.shown(report.started_at)}, {ago} ago"
    pairs(
        here.out,
        [
            ("Guardian", Text(f"{stack.name} in {stack.region} of {stack.account}: ") + state),
            ("Mode", stack.parameter("Mode")),
            ("Last sweep", swept),
            ("Tables", _counts(report)),
        ],
    )
    if found.troubles:
        heading(here.out, "What is wrong with the guardian")
        for trouble in found.troubles[:_SHOWN]:
            here.out.print(f"- {trouble}", style="yellow")
        _more(here, found.troubles, "--json has all of them")
        here.out.print(f"{here.command('doctor')} says what to do.", style="dim")
    if found.tables:
        heading(here.out, f"Tables that need a person: {len(found.tables)}")
        where, place = place_column(report, here.stack.account)
        columns(
            here.out,
            ["Table", where, "Status", "Why"],
            [(row.name, place(row), styled(row.status), row.why) for row in found.tables[:_SHOWN]],
        )
        _more(here, found.tables, f"{here.command('tables')} lists all of them")
    elif report is not None:
        here.out.print("No table needs a person.")
    if found.restores:
        heading(here.out, f"Restores under way: {len(found.restores)}")
        columns(
            here.out,
            ["Request", "From", "To", "Accepted"],
            [
                (
                    each.request_id,
                    each.request.get("sourceTable"),
                    each.request.get("targetTable"),
                    here.shown(each.accepted_at),
                )
                for each in found.restores
            ],
        )


def _more(here: Here, told: Sequence[object], where: str) -> None:
    if len(told) > _SHOWN:
        here.out.print(f"{len(told) - _SHOWN:,} more: {where}.", style="dim")


def _counts(report: Report | None) -> str:
    if report is None:
        return "not known yet"
    summary = report.summary
    kinds = [f"{summary.get(kind, 0)} {kind}" for kind in ("protected", "exempt", "drifted")]
    if summary.get("failed"):
        kinds.append(f"{summary['failed']} could not be checked")
    return f"{summary.get('tables', 0)}: {', '.join(kinds)}, when they were swept"


def _json(here: Here, found: Status) -> Json:
    report = found.report
    return {
        "version": "1",
        "stack": here.stack.name,
        "account": here.stack.account,
        "region": here.stack.region,
        "mode": here.stack.parameter("Mode"),
        "needsAPerson": found.needs_a_person,
        "troubles": found.troubles,
        "sweptAt": report.json.get("startedAt") if report else None,
        "summary": report.summary if report else None,
        "regions": report.regions if report else [],
        "queues": {
            "waiting": found.queues.waiting,
            "deadLetters": found.queues.dead_letters,
            "undelivered": found.queues.undelivered,
        },
        "alarms": found.alarms,
        "tables": [{**row.json, "why": row.why} for row in found.tables],
        "restores": [each.order for each in found.restores],
    }

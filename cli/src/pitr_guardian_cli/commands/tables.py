"""`tables`: how each table is protected, and all that is known of one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from pitr_guardian_cli.aws import live
from pitr_guardian_cli.aws.ledger import DrillRecord, RestoreRecord
from pitr_guardian_cli.command import command
from pitr_guardian_cli.facts import Fact, Json, actor_text
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.past import (
    DRILL_COLUMNS,
    drill_json,
    drill_row,
    drills_since,
    restore_row,
)
from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.report import Report, Row, place_column
from pitr_guardian_cli.terminal.tables import columns, heading, pairs, styled
from pitr_guardian_cli.times import duration, parsed

_LOOK_BACK = timedelta(days=90)  # as the report; Step Functions remembers no longer


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "tables")(tables)


def tables(
    here: Here,
    name: Annotated[
        str | None,
        typer.Argument(help="Name or ARN of one table.", show_default=False),
    ] = None,
    all_of_them: Annotated[
        bool, typer.Option("--all", help="Those that are simply protected, too.")
    ] = False,
) -> Exit:
    """List tables with their protection, or tell all that is known of one.

    \b
    Those that are not simply protected:
      pitr-guardian tables
    Every table, for a spreadsheet:
      pitr-guardian report --format csv --output -
    All that is known of one, as it is now:
      pitr-guardian tables Orders
    """
    if name is not None:
        return _one(here, name)
    report = here.latest_report()
    if report is None:
        raise Problem(
            "no sweep has written a report yet", remedy=f"write one: {here.command('sweep')}"
        )
    _list(here, report, all_of_them)
    return Exit.NEEDS_A_PERSON if any(row.needs_a_person for row in report.rows) else Exit.DONE


def _list(here: Here, report: Report, all_of_them: bool) -> None:
    rows = [row for row in report.rows if all_of_them or row.status != "protected"]
    if here.as_json:
        listed = [{**row.json, "why": row.why} for row in rows]
        here.print_json({"version": "1", "sweptAt": report.json.get("startedAt"), "tables": listed})
        return
    if rows:
        where, place = place_column(report, here.stack.account)
        columns(
            here.out,
            ["Table", where, "Status", "Period", "Window", "Exempt until", "Why"],
            [_line(row, place(row)) for row in rows],
        )
    others = len(report.rows) - len(rows)
    if others:
        here.say(f"{others} more are protected, and ask for nothing (--all lists them).")
    if not report.rows:
        here.say("The last sweep found no tables.")
    here.say(f"As of the sweep of {here.shown(report.started_at)}.")


def _line(row: Row, place: str) -> Sequence[object]:
    earliest, latest = parsed(row.earliest), parsed(row.latest)
    window = duration((latest - earliest).total_seconds()) if earliest and latest else "-"
    period = f"{row.period_in_days} d" if row.period_in_days else "off"
    return (
        row.name,
        place,
        styled(row.status),
        period,
        window,
        row.exempt_until or "-",
        row.why,
    )


def _one(here: Here, name: str) -> Exit:
    arn = here.stack.table_arn(name)
    report = here.latest_report()
    swept = report.named(arn) or report.named(name) if report else []
    if not name.startswith("arn:") and swept:
        # In another region or account, where there is none of that name in the stack's.
        own = (here.stack.account, here.stack.region)
        arn = max(swept, key=lambda row: (row.account == own[0], row.region == own[1])).arn
        if len(swept) > 1:
            here.say(f"{len(swept)} tables are called so; this is {arn}. Name another by its ARN.")
    row = next((each for each in swept if each.arn == arn), None)
    is_a_members = live.account_of(arn) != here.stack.account
    table = _as_swept(row) if is_a_members else live.look(here.door, arn)
    incidents = here.ledger.incidents_of(arn)
    if table is None and not incidents:
        raise Problem(
            f"no sweep has seen {name}, and the guardian never heard of it"
            if is_a_members
            else f"there is no table {name} in {live.region_of(arn)}, and the guardian never heard "
            "of one",
            remedy="name a table of another region, or of a member, by its ARN",
        )
    names = [
        each
        for each, _ in here.executions.names(
            here.stack.output("RestoreStateMachineArn"), here.now() - _LOOK_BACK
        )
    ]
    restores = [each for each in here.ledger.restores(names) if each.is_about(arn)]
    drills = drills_since(here, here.now() - _LOOK_BACK, arn)
    if here.as_json:
        here.print_json(_json(arn, table, row, incidents, restores, drills))
    else:
        _show(here, arn, table, row, incidents, restores, drills)
    in_order = table is not None and (table.switch.is_on or (row and row.status == "exempt"))
    return Exit.DONE if in_order else Exit.NEEDS_A_PERSON


def _as_swept(row: Row | None) -> live.LiveTable | None:
    """A table of a member, where whoever asks has no rights, as the last sweep saw it."""
    if row is None:
        return None
    is_on = row.period_in_days is not None
    return live.LiveTable(
        arn=row.arn,
        status=row.table_status or "as of the last sweep",
        created_at=None,
        size_in_bytes=None,
        switch=live.Switch(is_on, row.period_in_days, parsed(row.earliest), parsed(row.latest)),
        tags={},
    )


def _show(
    here: Here,
    arn: str,
    table: live.LiveTable | None,
    row: Row | None,
    incidents: list[Fact],
    restores: list[RestoreRecord],
    drills: list[DrillRecord],
) -> None:
    exempt_key = here.stack.parameter("ExemptTagKey", "pitr-guardian:exempt")
    days_key = here.stack.parameter("RecoveryPeriodTagKey", "pitr-guardian:recovery-days")
    if table is None:
        pairs(here.out, [("Table", arn), ("Status", styled("gone"))])
        here.out.print(f"Bring it back: {here.command('rescue ' + arn.rpartition('/')[2])}")
    else:
        switch, size = table.switch, table.size_in_bytes
        window = f"{here.shown(switch.earliest)} to {here.shown(switch.latest)}"
        pairs(
            here.out,
            [
                ("Table", table.arn),
                ("Status", table.status),
                ("PITR", styled("protected") if switch.is_on else styled("drifted")),
                ("Period", f"{switch.period} days" if switch.period else None),
                ("Own period", f"{row.own_period_in_days} days" if row else None),
                ("Can be restored", window if switch.is_on else "to no instant"),
                ("Size", None if size is None else f"{size:,} bytes"),
                ("Created", here.shown(table.created_at)),
                ("Exempt until", table.tags.get(exempt_key)),
                ("Exempt because", table.tags.get("pitr-guardian:exempt-reason")),
                ("Exempt for", table.tags.get("pitr-guardian:exempt-owner")),
                ("Period by tag", table.tags.get(days_key)),
                ("Restored from", table.tags.get("pitr-guardian:restored-from")),
                ("When it was swept", row.why if row else None),
            ],
        )
    if incidents:
        heading(here.out, f"What was told of it: {len(incidents)}")
        columns(
            here.out,
            ["When", "What", "Who", "In words"],
            [
                (
                    here.shown(fact.time),
                    fact.detail_type,
                    actor_text(fact.detail.get("actor")) or "-",
                    fact.reason,
                )
                for fact in incidents
            ],
        )
    if restores:
        heading(here.out, f"Restores in the last 90 days: {len(restores)}")
        columns(
            here.out,
            ["Accepted", "Request", "From", "To", "As of", "Answer"],
            [restore_row(here, each) for each in restores],
        )
    if drills:
        heading(here.out, f"Drills in the last 90 days: {len(drills)}")
        columns(here.out, DRILL_COLUMNS, [drill_row(here, each) for each in drills])


def _json(
    arn: str,
    table: live.LiveTable | None,
    row: Row | None,
    incidents: list[Fact],
    restores: list[RestoreRecord],
    drills: list[DrillRecord],
) -> Json:
    switch = table.switch if table else None
    return {
        "version": "1",
        "arn": arn,
        "exists": table is not None,
        "pitr": switch.is_on if switch else False,
        "periodInDays": switch.period if switch else None,
        "earliest": switch.earliest.isoformat() if switch and switch.earliest else None,
        "latest": switch.latest.isoformat() if switch and switch.latest else None,
        "tags": dict(table.tags) if table else {},
        "swept": {**row.json, "why": row.why} if row else None,
        "incidents": [fact.json() for fact in incidents],
        "restores": [
            {**each.order, "answer": each.answer.json() if each.answer else None}
            for each in restores
        ],
        "drills": [drill_json(each) for each in drills],
    }

"""`history`: what happened to tables, and what was restored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

import typer

from pitr_guardian_cli.aws.ledger import DrillRecord, RestoreRecord, UndoRecord
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
from pitr_guardian_cli.problems import Exit
from pitr_guardian_cli.terminal.tables import columns, heading, styled
from pitr_guardian_cli.times import parsed
from pitr_guardian_cli.undoing import PLAN


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "history")(history)


def history(
    here: Here,
    table: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name or ARN of one table.", show_default=False),
    ] = None,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=400, help="How far back.")] = 7,
) -> Exit:
    """What happened, newest first: incidents and their alerts, restores, undos, drills.

    Incidents are kept for 400 days; restores, undos and drills can be listed for 90.

    \b
    The last week:
      pitr-guardian history
    Who has touched a table in the last month?
      pitr-guardian history --table Orders --days 30
    """
    since = here.now() - timedelta(days=days)
    if table is None:
        arn, incidents = None, here.ledger.incidents(since)
    else:
        arn = here.stack.table_arn(table)
        incidents = here.ledger.incidents_of(arn, since)
    alerts = here.ledger.alerts([fact.text("id") for fact in incidents])
    machine = here.stack.output("RestoreStateMachineArn")
    names = [name for name, _ in here.executions.names(machine, since)]
    restores = [each for each in here.ledger.restores(names) if arn is None or each.is_about(arn)]
    undos = [each for each in _undos(here, since) if arn is None or each.table.get("arn") == arn]
    drills = drills_since(here, since, arn)
    if here.as_json:
        here.print_json(
            {
                "version": "1",
                "since": since.isoformat(),
                "incidents": [fact.json() for fact in incidents],
                "alerts": alerts,
                "restores": [
                    {**each.order, "answer": each.answer.json() if each.answer else None}
                    for each in restores
                ],
                "undos": [
                    {
                        **each.order,
                        "plan": each.plan.json() if each.plan else None,
                        "outcome": each.outcome.json() if each.outcome else None,
                    }
                    for each in undos
                ],
                "drills": [drill_json(each) for each in drills],
            }
        )
    else:
        _show(here, days, incidents, alerts, restores, undos, drills)
    return Exit.DONE


def _undos(here: Here, since: datetime) -> list[UndoRecord]:
    """The undos that were asked for since an instant, where the stack can undo."""
    if "UndoBucketName" not in here.stack.outputs:
        return []
    names = [name for name, _ in here.executions.names(here.stack.machine_arn(PLAN), since)]
    return here.ledger.undos(names)


def _stands(undo: UndoRecord) -> str:
    answer = undo.outcome or undo.plan
    if undo.is_approved and undo.outcome is None:
        return "approved, under way"
    return answer.detail_type if answer else "under way"


def _became(here: Here, alert: Json) -> str:
    """What became of a fact's alert."""
    if "foldedInto" in alert:
        return f"folded into {alert['foldedInto']}"
    sent = parsed(alert.get("sentAt"))
    return f"sent {here.shown(sent)}" if sent else "-"


def _show(
    here: Here,
    days: int,
    incidents: list[Fact],
    alerts: Mapping[str, Json],
    restores: list[RestoreRecord],
    undos: list[UndoRecord],
    drills: list[DrillRecord],
) -> None:
    if incidents:
        heading(here.out, f"Incidents: {len(incidents)}")
        columns(
            here.out,
            ["When", "Severity", "Table or account", "What", "Who", "Alert", "In words"],
            [
                (
                    here.shown(fact.time),
                    styled(fact.severity),
                    fact.subject,
                    fact.detail_type,
                    actor_text(fact.detail.get("actor")) or "-",
                    _became(here, alerts.get(fact.text("id"), {})),
                    fact.reason,
                )
                for fact in incidents
            ],
        )
    if restores:
        heading(here.out, f"Restores: {len(restores)}")
        columns(
            here.out,
            ["Accepted", "Request", "From", "To", "As of", "Answer"],
            [restore_row(here, each) for each in restores],
        )
    if undos:
        heading(here.out, f"Undos: {len(undos)}")
        columns(
            here.out,
            ["Accepted", "Plan", "Table", "Answer"],
            [
                (here.shown(each.accepted_at), each.plan_id, each.table.get("name"), _stands(each))
                for each in undos
            ],
        )
    if drills:
        heading(here.out, f"Drills: {len(drills)}")
        columns(here.out, DRILL_COLUMNS, [drill_row(here, each) for each in drills])
    if not (incidents or restores or undos or drills):
        here.say(f"Nothing happened in the last {days} days.")

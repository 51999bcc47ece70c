"""`sweep`: look at every table now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from pitr_guardian_cli.aws import live
from pitr_guardian_cli.aws.executions import Executions
from pitr_guardian_cli.command import command
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import follow
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.report import Report, Row
from pitr_guardian_cli.restoring import new_request_id
from pitr_guardian_cli.terminal.progress import Stage, progress
from pitr_guardian_cli.terminal.tables import columns
from pitr_guardian_cli.times import duration

_STAGES = {
    "Take the lock": "Beginning",
    "Sweep the regions": "Looking at tables",
    "Write the report": "Writing the report",
}
_TIME_TO_PUT_RIGHT = timedelta(seconds=60)
_LOOKED_AT = 50
_ENDED = "Sweep Ended"  # no fact of the guardian's: how the workflow ended


@dataclass
class SweepWork:
    """A sweep that was started."""

    request_id: str
    executions: Executions
    execution_arn: str
    now: Callable[[], datetime]
    started_at: datetime
    what: str = "sweep"

    def look(self) -> Stage | Fact:
        """Tell where it stands, or how it ended."""
        where = self.executions.where(self.execution_arn)
        if where is None:
            return Stage("beginning", "Beginning")
        if where.ended is not None:
            return Fact(_ENDED, {"status": where.ended})
        said = _STAGES.get(where.state or "", "Looking at tables")
        so_long = duration((self.now() - self.started_at).total_seconds())
        return Stage(said, f"{said}, for {so_long}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "sweep")(sweep)


def sweep(
    here: Here,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Start it, and don't follow it.")
    ] = False,
) -> Exit:
    """Look at every table now, put right what has drifted, and write a report.

    \b
    After somebody has changed many tables, or the first time:
      pitr-guardian sweep
    """
    machine = here.stack.output("SweepStateMachineArn")
    name = new_request_id("sweep", here.now())
    started = here.door.workflows.start_execution(stateMachineArn=machine, name=name)
    if no_wait:
        here.say(f"Started {name}. What it finds: {here.command('status')}")
        return Exit.STILL_GOING_ON
    return to_its_end(here, name, started["startDate"])


def to_its_end(here: Here, name: str, started_at: datetime) -> Exit:
    """Follow a sweep to its end, and show what it found."""
    arn = here.stack.execution_arn(here.stack.output("SweepStateMachineArn"), name)
    work = SweepWork(name, here.executions, arn, here.now, started_at)
    ended = follow(work, here).text("status")
    if ended != "Succeeded":
        raise Problem(
            f"the sweep {name} ended as {ended}",
            remedy="the runbook's section is `A sweep failed` (docs/operations.md)",
        )
    return _show(here, here.latest_report(), name)


def _show(here: Here, report: Report | None, name: str) -> Exit:
    # The sweep's id is its execution's name.
    if report is None or report.sweep_id != name:
        here.say("Another sweep was under way, and tells what it finds.")
        return Exit.STILL_GOING_ON
    if here.as_json:
        here.print_json(summary(report))
    else:
        columns(
            here.out,
            ["Region", "Checked", "In order", "Drifted", "Exempt", "Failed", "Trail"],
            [
                tuple(
                    each.get(field, "-")
                    for field in (
                        "region",
                        "checked",
                        "compliant",
                        "drifted",
                        "exempt",
                        "failed",
                        "trail",
                    )
                )
                for each in report.regions
            ],
        )
    needs = _left(here, [row for row in report.rows if row.needs_a_person])
    if needs:
        here.say(f"Which tables need a person: {here.command('status')}")
    return Exit.NEEDS_A_PERSON if needs else Exit.DONE


def _left(here: Here, rows: list[Row]) -> list[Row]:
    """What still needs a person when the guardian has had the time to put drift right."""
    drifted = [row for row in rows if row.attention == "drifted"][:_LOOKED_AT]
    if not drifted or here.stack.parameter("Mode", "remediate") != "remediate":
        return rows
    until = here.now() + _TIME_TO_PUT_RIGHT
    with progress(here.err) as show:
        while drifted and here.now() < until:
            show(Stage("right", f"{len(drifted)} drifted; the guardian puts them right"))
            here.sleep(1)
            drifted = [
                row
                for row in drifted
                if not live.is_in_order(here.door, row.arn, row.own_period_in_days)
            ]
    return [row for row in rows if row.attention != "drifted" or row in drifted]


def summary(report: Report) -> Json:
    """What a sweep found, for programs."""
    names = ("version", "sweepId", "startedAt", "writtenAt", "summary", "regions", "notes")
    return {name: report.json.get(name) for name in names}

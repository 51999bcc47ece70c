"""`doctor`: what is wrong with the guardian, and what to do."""

from __future__ import annotations

from dataclasses import asdict

import typer
from rich.text import Text

from pitr_guardian_cli.checks import findings
from pitr_guardian_cli.checks.finding import Finding, Level
from pitr_guardian_cli.command import command
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit
from pitr_guardian_cli.terminal.plain import plain
from pitr_guardian_cli.terminal.progress import Stage, progress
from pitr_guardian_cli.terminal.tables import columns

_MARKS = {
    Level.OK: Text("ok", style="green"),
    Level.PROBLEM: Text("WRONG", style="bold red"),
    Level.UNKNOWN: Text("?", style="yellow"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor")(doctor)


def doctor(here: Here) -> Exit:
    """Look at what a stranger forgets, and say what is wrong and what to do.

    Trail, stack, version, sweeps, alarms, subscribers, dead letters, trigger, rights, regions,
    members. The exit code is 3 where something is wrong, and 4 where you may not look at all of it.

    \b
    After a deployment, and when something seems strange:
      pitr-guardian doctor
    """
    stack = here.stack
    with progress(here.err) as show:
        found = list(
            findings(here, lambda name: show(Stage("looking", f"Looking at {stack.name}: {name}")))
        )
    if here.as_json:
        here.print_json({"version": "1", "findings": [asdict(each) for each in found]})
    else:
        _show(here, found)
    levels = {each.level for each in found}
    if Level.PROBLEM in levels:
        return Exit.NEEDS_A_PERSON
    return Exit.NOT_PERMITTED if Level.UNKNOWN in levels else Exit.DONE


def _show(here: Here, found: list[Finding]) -> None:
    columns(
        here.out,
        ["", "Check", "Found"],
        [(_MARKS[each.level], each.check, each.text) for each in found],
    )
    remedies = [each for each in found if each.remedy]
    if remedies:
        here.out.print()
        here.out.print("What to do", style="bold")
    for each in remedies:
        here.out.print(f"{each.check}: {plain(each.text)}")
        # Whole, however narrow the terminal: commands are there to be copied.
        here.out.print(f"  {plain(each.remedy)}", soft_wrap=True, style="bold")

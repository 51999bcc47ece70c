"""`report`: the latest report, as a file or in the browser."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from pitr_guardian_cli.aws import reports
from pitr_guardian_cli.command import command
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem, wrong_usage


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "report")(report)


def report(
    here: Here,
    form: Annotated[
        str, typer.Option("--format", metavar="html|json|csv", help="Which form of it.")
    ] = "html",
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Where to write it; - for stdout (default: pitr-guardian-report.html here).",
            show_default=False,
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> Exit:
    """Fetch the report that the last sweep has written.

    \b
    Read it:
      pitr-guardian report --open
    Every table, as a spreadsheet:
      pitr-guardian report --format csv --output tables.csv
    For a program:
      pitr-guardian report --json | jq .summary
    """
    if form not in reports.FORMATS:
        raise wrong_usage(f"--format {form} is none", f"give one of {', '.join(reports.FORMATS)}")
    if here.as_json:
        form, output = "json", output or Path("-")
    body = reports.fetch(here.door.s3, here.stack.output("ReportBucketName"), form)
    if body is None:
        raise Problem(
            "no sweep has written a report yet", remedy=f"write one: {here.command('sweep')}"
        )
    target = output or Path(f"pitr-guardian-report.{form}")
    if str(target) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return Exit.DONE
    try:
        target.write_bytes(body)
    except OSError as error:
        raise Problem(f"{target} can't be written: {error.strerror}") from None
    here.out.print(str(target), soft_wrap=True)
    if open_it and not webbrowser.open(target.resolve().as_uri()):
        here.say(f"No browser could be started; open {target} yourself.")
    return Exit.DONE

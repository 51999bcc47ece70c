"""The command line as a whole."""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli import __version__
from pitr_guardian_cli.commands import (
    doctor,
    drill,
    exempt,
    follow,
    history,
    report,
    restore,
    status,
    sweep,
    tables,
    undo,
    verify_evidence,
    watch,
)

app = typer.Typer(
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"pitr-guardian {__version__}")  # noqa: T201
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """Keep DynamoDB tables recoverable, and get them back.

    \b
    Is everything in order?
      pitr-guardian status
    A table as it was at 10:14:59, as a new table:
      pitr-guardian restore Orders --as Orders-rescued --to 10:14:59
    A table that was deleted:
      pitr-guardian rescue Orders
    What is known of a table, and what happened?
      pitr-guardian tables Orders
      pitr-guardian history --days 7
    """


for module in (
    status,
    tables,
    restore,
    undo,
    drill,
    verify_evidence,
    follow,
    exempt,
    history,
    watch,
    sweep,
    report,
    doctor,
):
    module.register(app)

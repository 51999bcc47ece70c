"""`drill`: prove that a table can be restored."""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli.command import command
from pitr_guardian_cli.groups import with_default
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem

group = typer.Typer(cls=with_default("run"), no_args_is_help=True)


@group.callback()
def main() -> None:
    """Prove that a table can be restored: drills.

    \b
    Restore it to some instant, prove the copy, and remove it:
      pitr-guardian drill Orders
    What was proved so far:
      pitr-guardian drill list
    """


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(group, "run")(run)
    command(group, "list")(drills)
    app.add_typer(group, name="drill")


def run(
    here: Here, table: Annotated[str, typer.Argument(help="Name or ARN of the table.")]
) -> Exit:
    """Ask for a drill of a table.

    \b
    Now:
      pitr-guardian drill Orders
    """
    raise _impossible(here, f"to drill {table}")


def drills(here: Here) -> Exit:
    """List the drills, and what they proved.

    \b
    All of them:
      pitr-guardian drill list
    """
    raise _impossible(here, "to list drills")


def _impossible(here: Here, what: str) -> Problem:
    if "EvidenceBucketName" in here.stack.outputs:
        return Problem(
            f"this command line is too old {what}: the stack {here.stack.name} has drills, and it "
            "doesn't know them",
            remedy="install the one that came with the stack (pipx install ./cli)",
        )
    return Problem(
        f"the guardian {here.stack.name} in {here.stack.region} has no drills: its version can't "
        "prove restores",
        remedy="upgrade the stack (docs/operations.md, `Upgrading`) when a version has them; until "
        f"then, prove one by hand: {here.command('restore TABLE --as NAME')}",
    )

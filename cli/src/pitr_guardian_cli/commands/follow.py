"""`follow`: work that is under way, by its request's id."""

from __future__ import annotations

from typing import Annotated

import typer

from pitr_guardian_cli.command import command
from pitr_guardian_cli.commands import (
    drill as drills,
    restore as restores,
    sweep as sweeps,
    undo as undos,
)
from pitr_guardian_cli.following import follow as followed
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "follow")(follow)


def follow(
    here: Here,
    request: Annotated[str, typer.Argument(help="Id of the request.")],
) -> Exit:
    """Follow a restore, an undo, a drill or a sweep to its answer, or tell the answer again.

    \b
    With the id that `restore` has printed, or an alert:
      pitr-guardian follow restore-20261122-101502-1a2b
    """
    if here.ledger.restore(request) is not None:
        return restores.show(here, followed(restores.restore_work(here, request), here))
    undo = here.ledger.undo(request)
    if undo is not None:
        return undos.followed(here, undo)
    if here.ledger.drill(request) is not None:
        return drills.show(here, followed(drills.drill_work(here, request), here))
    machine = here.stack.output("SweepStateMachineArn")
    if here.executions.where(here.stack.execution_arn(machine, request)) is not None:
        return sweeps.to_its_end(here, request, here.now())
    raise Problem(
        f"the guardian knows no request {request}",
        remedy=f"{here.command('history')} lists those of the last days; one that was refused "
        "isn't kept",
    )

"""What commands have in common: options, and how they end."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, get_type_hints

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from pitr_guardian_cli.aws.complaints import problem_of
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit, Problem
from pitr_guardian_cli.terminal.plain import plain

_PANEL = "Options of every command"

Profile = Annotated[
    str | None,
    typer.Option(
        help="Profile of the AWS configuration.", show_default=False, rich_help_panel=_PANEL
    ),
]
Region = Annotated[
    str | None,
    typer.Option(
        help="Region of the guardian's stack (default: the profile's).",
        show_default=False,
        rich_help_panel=_PANEL,
    ),
]
StackName = Annotated[
    str, typer.Option("--stack", help="Name of the guardian's stack.", rich_help_panel=_PANEL)
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Print the result as JSON, for programs.", rich_help_panel=_PANEL),
]

_COMMON: dict[str, tuple[Any, Any]] = {
    "profile": (Profile, None),
    "region": (Region, None),
    "stack_name": (StackName, "pitr-guardian"),
    "as_json": (AsJson, False),
}


def command(
    app: typer.Typer, name: str
) -> Callable[[Callable[..., Exit | None]], Callable[..., Exit | None]]:
    """Make a function a command: it is given a ``Here`` and its options, and gives its exit code.

    Each command takes the options of every command, wherever they stand.
    """

    def made(function: Callable[..., Exit | None]) -> Callable[..., Exit | None]:
        @wraps(function)
        def run(**options: Any) -> None:
            common = {each: options.pop(each) for each in _COMMON}
            here = Here(**common)
            raise typer.Exit(ended(lambda: function(here, **options), here.err))

        hints = get_type_hints(function, include_extras=True)
        _, *own = inspect.signature(function).parameters.values()
        parameters = [
            inspect.Parameter(
                each.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=each.default,
                annotation=hints[each.name],
            )
            for each in own
        ]
        parameters += [
            inspect.Parameter(
                each, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
            )
            for each, (annotation, default) in _COMMON.items()
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        app.command(name)(run)
        return function

    return made


def ended(run: Callable[[], Exit | None], console: Console) -> int:
    """Run a command to its end, tell what went wrong, and give its exit code."""
    try:
        return int(run() or Exit.DONE)
    except Problem as problem:
        return tell(problem, console)
    except (ClientError, BotoCoreError) as error:
        return tell(problem_of(error), console)
    except KeyboardInterrupt:
        console.print("Interrupted.")
        return int(Exit.INTERRUPTED)


def tell(problem: Problem, console: Console) -> int:
    """Tell a person what the problem is, and what to do; give the exit code."""
    console.print("Error:", style="bold red", end=" ")
    console.print(plain(problem.sentence.rstrip(".")) + ".")
    if problem.remedy:
        is_command = problem.remedy.startswith("pitr-guardian")
        first = problem.remedy[0] if is_command else problem.remedy[0].upper()
        console.print(plain(first + problem.remedy[1:]))
    return int(problem.code)

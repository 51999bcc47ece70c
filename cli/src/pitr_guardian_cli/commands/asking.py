"""Options of all commands that put a request on the guardian's bus."""

from __future__ import annotations

from typing import Annotated

import typer

HOW = "How it is asked"
"""The panel of these options in a command's help."""

RequestId = Annotated[
    str | None,
    typer.Option(
        help="Id of the request: the same again is the same request (default: a new one).",
        show_default=False,
        rich_help_panel=HOW,
    ),
]
RequestedBy = Annotated[
    str | None,
    typer.Option(
        help="Who wants it (default: the caller's ARN).", show_default=False, rich_help_panel=HOW
    ),
]
Reason = Annotated[
    str | None,
    typer.Option(help="Why, for whoever reads the facts.", show_default=False, rich_help_panel=HOW),
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Ask, and don't follow it.", rich_help_panel=HOW)
]

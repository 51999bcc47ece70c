"""Commands with further commands, of which one goes without its name."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


def with_default(name: str) -> type[TyperGroup]:
    """A group that takes what isn't one of its commands' names as words of this one.

    So `undo Orders` is `undo plan Orders`; a table that is called as a command is named by its ARN.
    """

    class Group(TyperGroup):
        def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
            helps = set(self.get_help_option_names(ctx))
            if args and args[0] not in self.commands and args[0] not in helps:
                args = [name, *args]
            return super().parse_args(ctx, args)

    return Group

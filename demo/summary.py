"""The end of the story: which claims held, and where to go from here."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from .narration import Narrator

_NEXT = (
    ("make up", "the same stack, left running for you to play with"),
    ("make test", "every suite, the end-to-end ones on this embedded AWS too"),
    ("README.md", "install it, exempt a table, ask for a restore, subscribe to alerts"),
    ("make deploy", "the same template, into your AWS account"),
)


def summarise(tell: Narrator) -> None:
    tell.chapter("What was claimed, and seen")
    claims = Table.grid(padding=(0, 1))
    claims.add_column()
    claims.add_column(overflow="fold")
    for claim in tell.claims:
        claims.add_row(
            tell.mark(claim.holds), Text(claim.text, style="" if claim.holds else "bold red")
        )
    tell.show(claims)
    held = len(tell.claims) - len(tell.failures)
    tell.console.print()
    tell.say(f"{held} of {len(tell.claims)} claims held, in {tell.elapsed:.1f} s.")
    if not tell.failures:
        _where_next(tell)


def _where_next(tell: Narrator) -> None:
    tell.chapter("Where to go next")
    steps = Table.grid(padding=(0, 2))
    steps.add_column(style="bold", overflow="fold")
    steps.add_column(overflow="fold")
    for command, what_for in _NEXT:
        steps.add_row(Text(command), Text(what_for))
    tell.show(steps)

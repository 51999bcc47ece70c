"""`watch`: facts as they come."""

from __future__ import annotations

import json

import typer
from rich.text import Text

from pitr_guardian_cli.aws.feed import LONGEST, Feed
from pitr_guardian_cli.command import command
from pitr_guardian_cli.facts import Fact
from pitr_guardian_cli.here import Here
from pitr_guardian_cli.problems import Exit
from pitr_guardian_cli.terminal.plain import plain
from pitr_guardian_cli.terminal.tables import styled
from pitr_guardian_cli.times import duration


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "watch")(watch)


def watch(here: Here) -> Exit:
    """Print what the guardian tells, as it tells it, until Ctrl-C.

    It makes a queue and a rule on the fact bus, and removes both at its end.

    \b
    While somebody works on tables:
      pitr-guardian watch
    As JSON, one fact a line:
      pitr-guardian watch --json | jq 'select(.severity == "critical")'
    """
    until = here.now() + LONGEST
    with Feed(here.door.events, here.door.sqs, here.stack, here.now()) as feed:
        longest = duration(LONGEST.total_seconds())
        here.say(
            f"Watching {here.stack.name} in {here.stack.region} for {longest}; Ctrl-C ends it."
        )
        while here.now() < until:
            for fact in feed.read():
                _show(here, fact)
    return Exit.DONE


def _show(here: Here, fact: Fact) -> None:
    if here.as_json:
        here.out.file.write(json.dumps(fact.json()) + "\n")
    else:
        line = Text(f"{here.shown(fact.time)}  ")
        line.append_text(styled(f"{fact.severity:8}"[:8].strip()))
        subject = fact.table or fact.text("targetTable")
        words = [fact.detail_type, subject, fact.reason]
        line.append("  " + "  ".join(plain(word) for word in words if word))
        here.out.print(line, soft_wrap=True)
    here.out.file.flush()

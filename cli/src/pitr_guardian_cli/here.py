"""What every command has: whom it speaks to, and where it answers."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any

from rich.console import Console

from pitr_guardian_cli import terminal
from pitr_guardian_cli.aws import reports, stack
from pitr_guardian_cli.aws.door import Door
from pitr_guardian_cli.aws.executions import Executions
from pitr_guardian_cli.aws.ledger import Ledger
from pitr_guardian_cli.report import Report
from pitr_guardian_cli.terminal.console import stderr, stdout
from pitr_guardian_cli.terminal.plain import plain
from pitr_guardian_cli.times import shown


@dataclass
class Here:
    """One run of the command line. AWS is asked for what is used, when it is first used."""

    profile: str | None = None
    region: str | None = None
    stack_name: str = "pitr-guardian"
    as_json: bool = False
    out: Console = field(default_factory=stdout)
    err: Console = field(default_factory=stderr)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    zone: tzinfo | None = None
    """The zone that times are shown in; None for the machine's own."""

    @cached_property
    def door(self) -> Door:
        """The door to AWS."""
        return Door(self.profile, self.region)

    @cached_property
    def stack(self) -> stack.Stack:
        """The guardian's stack."""
        return stack.find(self.door, self.stack_name)

    @cached_property
    def ledger(self) -> Ledger:
        """The guardian's ledger."""
        return Ledger(self.door.dynamodb(), self.stack.output("LedgerTableName"))

    @cached_property
    def executions(self) -> Executions:
        """The guardian's workflows."""
        return Executions(self.door.workflows)

    def latest_report(self) -> Report | None:
        """The latest report; None where no sweep has written one yet."""
        return reports.latest(self.door.s3, self.stack.output("ReportBucketName"))

    # -- answering ---------------------------------------------------------------------------

    def say(self, text: str, style: str = "") -> None:
        """Tell a person something that isn't the result."""
        self.err.print(plain(text), style=style or None)

    def print_json(self, document: Any) -> None:
        """Print a result for programs."""
        self.out.file.write(json.dumps(document, indent=2, default=str) + "\n")

    def shown(self, at: datetime | None) -> str:
        """An instant as a person reads it; a dash where there is none."""
        return shown(at, self.zone) if at else "-"

    def command(self, words: str) -> str:
        """A command line of ours, to be copied: with the options that this run was given."""
        options = [
            *(["--profile", self.profile] if self.profile else []),
            *(["--region", self.region] if self.region else []),
            *(["--stack", self.stack_name] if self.stack_name != "pitr-guardian" else []),
        ]
        return " ".join(["pitr-guardian", words, *options])

    @property
    def is_attended(self) -> bool:
        """Whether somebody can be asked."""
        return terminal.is_attended()

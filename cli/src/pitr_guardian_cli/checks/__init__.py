"""What `doctor` looks at: each check tells what it found, and the command that mends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from pitr_guardian_cli.aws.complaints import problem_of
from pitr_guardian_cli.checks import alerts, enforcement, members, regions, stack, trails
from pitr_guardian_cli.checks.finding import Finding, Level
from pitr_guardian_cli.here import Here

CHECKS: tuple[tuple[str, Callable[[Here], Iterator[Finding]]], ...] = (
    ("stack", stack.state),
    ("version", stack.version),
    ("sweeps", stack.sweeps),
    ("alarms", stack.alarms),
    ("trail", trails.trails),
    ("subscribers", alerts.subscribers),
    ("dead letters", enforcement.queues),
    ("trigger", enforcement.trigger),
    ("rights", enforcement.rights),
    ("regions", regions.unswept),
    ("members", members.heard),
)


def findings(here: Here, show: Callable[[str], None]) -> Iterator[Finding]:
    """Run every check; one that can't be made is a finding, too.

    Args:
        here: whose guardian.
        show: is told which check is being made.
    """
    for name, check in CHECKS:
        show(name)
        try:
            found = list(check(here))
        except (ClientError, BotoCoreError) as error:
            problem = problem_of(error)
            found = [Finding(name, Level.UNKNOWN, problem.sentence, problem.remedy)]
        yield from found

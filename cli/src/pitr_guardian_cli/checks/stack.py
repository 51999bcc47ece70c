"""The stack itself: its state, its version, its sweeps, its alarms."""

from __future__ import annotations

from collections.abc import Iterator

from pitr_guardian_cli import __version__
from pitr_guardian_cli.aws import health
from pitr_guardian_cli.checks.finding import Finding, fine, wrong
from pitr_guardian_cli.here import Here

_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")


def state(here: Here) -> Iterator[Finding]:
    """Whether CloudFormation is done with the stack, and what mode it is in."""
    stack = here.stack
    if stack.status not in _GOOD:
        yield wrong(
            "stack",
            f"{stack.name} is {stack.status}",
            f"aws cloudformation describe-stack-events --stack-name {stack.name} --region "
            f"{stack.region}",
        )
    elif stack.parameter("Mode") == "notify-only":
        yield wrong(
            "stack",
            "the mode is notify-only: drift is told, and nobody puts it right",
            "deploy with Mode=remediate (docs/operations.md, `change Mode remediate`)",
        )
    else:
        yield fine("stack", f"{stack.name} is {stack.status}")


def version(here: Here) -> Iterator[Finding]:
    """Whether the stack is as new as this command line."""
    deployed = here.stack.version
    if deployed is None or _numbers(deployed) < _numbers(__version__):
        yield wrong(
            "version",
            f"the stack is {deployed or 'older than 0.1.0'}, this command line {__version__}",
            "docs/operations.md, `Upgrading`: make deploy",
        )
    else:
        yield fine("version", f"the stack is {deployed}")


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def sweeps(here: Here) -> Iterator[Finding]:
    """Whether sweeps come to their end when they should."""
    report = here.latest_report()
    began = report.started_at if report else None
    if health.is_overdue(here.stack, report, here.now()):
        since = here.shown(began) if began else "the stack was deployed"
        yield wrong(
            "sweeps",
            f"no sweep has ended since {since}",
            f"{here.command('sweep')}, and see whether it ends; then docs/operations.md, "
            "`No sweep has run`",
        )
    else:
        yield fine("sweeps", f"the last one began at {here.shown(began)}")


def alarms(here: Here) -> Iterator[Finding]:
    """Whether alarms of the stack are on."""
    found = health.alarms_on(here.door.cloudwatch, here.stack.name)
    for name in found:
        yield wrong("alarms", f"{name} is on", "docs/operations.md has a section for each alarm")
    if not found:
        yield fine("alarms", "none is on")

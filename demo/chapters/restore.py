"""One command asks for a table as it was; the workflow sees the restore through."""

from __future__ import annotations

import os
import shlex
import subprocess
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from ..catalog import PERIOD_DAYS, RESTORED_TABLE, TABLE
from ..narration import Narrator
from ..pitr import clock_time, pitr_of, wait_until_restorable
from ..waiting import wait_for
from ..world import POLL_SECONDS, World
from . import REACTION_SECONDS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TableDescriptionTypeDef

_RESTORE_SECONDS = 90.0
_COMMAND_LINE = Path(__file__).resolve().parents[2] / ".venv/bin/pitr-guardian"
_STILL_GOING_ON = 5
"""The command line's exit code where it doesn't wait for the end."""
_NO_RESTORE = {"restore-failed", "restore-rejected"}
_ASKED = {"requestId": "demo-1", "requestedBy": "maria", "reason": "a script wrote nonsense"}


def table_is_restored(tell: Narrator, world: World, instant: datetime) -> None:
    """Restore the table to the instant, and wait for the end of it."""
    tell.chapter(f"One command asks for the table as it was at {clock_time(instant)}")
    with tell.waiting("waiting until DynamoDB can restore that second"):
        wait_until_restorable(world.dynamodb, TABLE, instant, REACTION_SECONDS)
    lag = world.cloud.settings.latest_lag_seconds
    tell.say(
        f"{clock_time(instant)}, the second before the script, can be restored to: the latest "
        f"restorable second lags {lag:g} s behind here, about 5 minutes on AWS."
    )
    _ask(tell, world, instant)
    tell.say(f"The workflow looks at the table every {POLL_SECONDS} s here, every 20 s by default.")
    seen = _follow(tell, world)

    facts = [alert.detail for alert in world.inbox.alerts if alert.event.startswith("restore-")]
    told = [fact["detailType"] for fact in facts]
    tell.claim(
        "The restore is announced when it is accepted, and once when it is over",
        told == ["Restore Accepted", "Restore Completed"],
        ", ".join(told),
    )
    tell.claim(
        "The alerts say which request it was, and whose",
        all(
            fact[field] == _ASKED[field] for fact in facts for field in ("requestId", "requestedBy")
        ),
        f"{_ASKED['requestId']}, {_ASKED['requestedBy']}",
    )
    tell.claim(
        "The table was CREATING, then ACTIVE", list(seen) == ["CREATING", "ACTIVE"], ", ".join(seen)
    )
    summary = seen["CREATING"].get("RestoreSummary") if "CREATING" in seen else None
    tell.claim(
        "It holds the very second that was asked for",
        summary is not None and summary["RestoreDateTime"] == instant,
        f"RestoreDateTime {clock_time(summary['RestoreDateTime'])}" if summary else "no summary",
    )
    source, restored = (pitr_of(world.dynamodb, name) for name in (TABLE, RESTORED_TABLE))
    tell.claim(
        "PITR is on for the restored table, with its source's period",
        restored.is_on and restored.period == source.period == PERIOD_DAYS,
        str(restored),
    )


def _ask(tell: Narrator, world: World, instant: datetime) -> None:
    """Ask with the command line, as whoever is on call would."""
    words = [
        *("restore", TABLE, "--as", RESTORED_TABLE, "--to", f"{instant:%Y-%m-%dT%H:%M:%SZ}"),
        *("--request-id", _ASKED["requestId"], "--requested-by", _ASKED["requestedBy"]),
        *("--reason", _ASKED["reason"], "--no-wait"),
    ]
    tell.say(f"It puts an event on the bus {world.stack.outputs['RequestBusName']}:")
    tell.show(Text(shlex.join(["pitr-guardian", *words])))
    asked = subprocess.run(
        [_COMMAND_LINE, *words],
        env={**os.environ, **world.cloud.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    for line in [*asked.stderr.splitlines(), *asked.stdout.splitlines()]:
        tell.say(line.strip())
    if asked.returncode != _STILL_GOING_ON:
        tell.claim("The request is asked", holds=False, detail=f"exit code {asked.returncode}")


def _follow(tell: Narrator, world: World) -> dict[str, TableDescriptionTypeDef]:
    """Tell each status and each alert as it comes. Returns the first description of each status."""
    seen: dict[str, TableDescriptionTypeDef] = {}
    told = len(world.inbox.alerts)

    def look() -> str:
        nonlocal told
        description = world.describe(RESTORED_TABLE)
        status = description["TableStatus"] if description else "not there yet"
        if description and status not in seen:
            seen[status] = description
            tell.say(f"DescribeTable {RESTORED_TABLE}: {status}.")
        alerts = world.inbox.read()
        for alert in alerts[told:]:
            tell.say(f"Alert: {alert.subject}")
        told = len(alerts)
        events = {alert.event for alert in alerts}
        completed = "restore-completed" in events and status == "ACTIVE"
        return "over" if completed or events & _NO_RESTORE else f"{RESTORED_TABLE} is {status}"

    with tell.waiting("waiting for the restore to be completed"):
        wait_for("the restore to be over", look, lambda state: state == "over", _RESTORE_SECONDS)
    return seen

"""A drill: where it stands by the ledger and by its workflow, and what it came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.aws.ledger import DrillRecord
from pitr_guardian_cli.facts import Fact
from pitr_guardian_cli.following import ASKED, stage_by_state
from pitr_guardian_cli.restoring import is_as_asked
from pitr_guardian_cli.terminal.progress import Stage
from pitr_guardian_cli.work import RequestedWork

MACHINE = "drill"
"""The workflow, as the stack names it after its own name."""
KEPT_FOR = timedelta(days=90)
"""How long Step Functions remembers executions, by which drills are listed."""

# States of the workflow (statemachines/drill.asl.json).
SAYS = {
    "Start the exports": "Starting the exports of the table's history",
    "Wait until AWS can export it": "Waiting until AWS can export the newest minutes",
    "Start the restore": "Starting the restore of the copy",
    "Wait for its turn": "Waiting for a free place: AWS restores 50 tables at once",
    "Wait for the copy": "Restoring the copy",
    "Look at the copy": "Restoring the copy",
    "Wait for the exports": "Exporting the table's history",
    "Look at the exports": "Exporting the table's history",
    "Take the sample": "Drawing and reading the sample",
    "Read both tables": "Reading both tables",
    "Search the history": "Searching the history",
    "Compare the items": "Comparing the items",
    "Is all of it settled?": "Settling what differs",
    "Compare the structures": "Comparing the structures",
    "Remove the copy": "Removing the copy",
    "Wait until it is gone": "Removing the copy",
    "Write the evidence": "Writing the evidence",
}


@dataclass
class DrillWork(RequestedWork):
    """A drill that was asked for."""

    what = "drill"

    def _stands(self) -> Stage | Fact:
        record = self.ledger.drill(self.request_id)
        if record is None or not is_as_asked(record.request, self.asked):
            return Stage(ASKED, f"Asked for (drill {self.request_id})")
        if record.answer is not None:
            return record.answer
        self.event_id = None  # it was taken in, and won't be refused any more
        return stage_of(self.executions.where(self.execution_arn), self.now())


def stage_of(where: Where | None, now: datetime) -> Stage:
    """Tell where a drill stands that was taken in and isn't answered yet."""
    return stage_by_state(where, SAYS, now)


def lasting_failures(drills: Iterable[DrillRecord]) -> list[DrillRecord]:
    """The drills that failed and are the last answered one of their table."""
    last: dict[str, DrillRecord] = {}
    for drill in drills:
        arn = str(drill.table.get("arn", ""))
        if drill.answer is not None and (arn not in last or _begun(drill) > _begun(last[arn])):
            last[arn] = drill
    return [drill for drill in last.values() if not drill.passed]


def _begun(drill: DrillRecord) -> float:
    return drill.accepted_at.timestamp() if drill.accepted_at else 0.0

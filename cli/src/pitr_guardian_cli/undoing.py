"""An undo: its request, and where it stands by the ledger and by its workflows."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from pitr_guardian_cli.aws.executions import Where
from pitr_guardian_cli.facts import Fact, Json
from pitr_guardian_cli.following import ASKED, stage_by_state
from pitr_guardian_cli.problems import wrong_usage
from pitr_guardian_cli.restoring import is_as_asked
from pitr_guardian_cli.terminal.progress import Stage
from pitr_guardian_cli.work import RequestedWork

PLAN, APPLY = "undo-plan", "undo-apply"
"""The workflows, as the stack names them after its own name."""

# States of the workflows (statemachines/undo_plan.asl.json and undo_apply.asl.json).
_SAYS = {
    "Wait until AWS can export it": "Waiting until AWS can export the end of the window",
    "Start the exports": "Starting the exports",
    "Wait for the exports": "Exporting the table's changes",
    "Look at the exports": "Exporting the table's changes",
    "Deal out the changes": "Reading the changes",
    "Plan the shards": "Comparing the items",
    "Put the plan together": "Putting the plan together",
    "Write the items": "Writing the items",
    "Read the items again": "Reading the items again",
    "Count what was done": "Counting what was done",
}

WRITES = ("remove", "putBack", "revert", "merge")
"""What a plan's counts have that is written."""

_CONDITION = re.compile(
    r"(?:(?P<image>old|new|live):\s*)?(?P<attribute>\S+)\s+"
    r"(?P<is>=|!=|<=|>=|<|>|begins_with|contains|exists|missing)(?:\s+(?P<value>.+))?",
    re.DOTALL,
)


@dataclass
class UndoWork(RequestedWork):
    """The planning of an undo, or its carrying out."""

    phase: str = PLAN
    what = "undo"

    def _stands(self) -> Stage | Fact:
        record = self.ledger.undo(self.request_id)
        if record is None or not is_as_asked(record.request, self.asked):
            return Stage(ASKED, f"Asked for (plan {self.request_id})")
        answer = record.plan if self.phase == PLAN else record.outcome
        if answer is not None:
            return answer
        if self.phase == APPLY and not record.is_approved:
            return Stage(ASKED, "Approved; waiting for the guardian")
        self.event_id = None  # it was taken in, and won't be refused any more
        return stage_of(self.executions.where(self.execution_arn), self.now())


def stage_of(where: Where | None, now: datetime) -> Stage:
    """Tell where a plan or an undo stands that was taken in and isn't answered yet."""
    return stage_by_state(where, _SAYS, now)


def condition(text: str) -> Json:
    """Read a condition: ``Price = 1``, ``old: Status begins_with ship``, ``Note missing``, or JSON.

    Raises:
        Problem: it is none.
    """
    if text.lstrip().startswith("{"):
        try:
            found: Json = json.loads(text)
        except ValueError as problem:
            raise wrong_usage(f"--where {text} is no JSON ({problem})", _FORMS) from None
        return found
    match = _CONDITION.fullmatch(text.strip())
    if match is None or (match["value"] is None) != (match["is"] in ("exists", "missing")):
        raise wrong_usage(f"--where {text!r} is no condition", _FORMS)
    read: Json = {"attribute": match["attribute"], "is": match["is"]}
    if match["value"] is not None:
        read["value"] = _value(match["value"])
    if match["image"] is not None:
        read["image"] = match["image"]
    return read


_FORMS = "give such as 'Price = 1', 'old: Status begins_with ship', 'Note missing', or the JSON of "
_FORMS += "docs/undoing.md"


def _value(text: str) -> object:
    """JSON where it is some; else a text."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def partition_key(text: str) -> str | int | float:
    """A partition key as it was typed: a number where it is written as one.

    The guardian takes it by the key's own type; a text that looks like a number is quoted: '"17"'.
    """
    value = _value(text)
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return text

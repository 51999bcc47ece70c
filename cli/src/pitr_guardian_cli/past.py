"""What happened, in rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from pitr_guardian_cli.drilling import MACHINE
from pitr_guardian_cli.facts import Json
from pitr_guardian_cli.times import duration, parsed

if TYPE_CHECKING:
    from pitr_guardian_cli.aws.ledger import DrillRecord, RestoreRecord
    from pitr_guardian_cli.here import Here

DRILL_COLUMNS = ("Began", "Drill", "Table", "As of", "Recovery time", "Compared", "Answer")


def restore_row(here: Here, restore: RestoreRecord) -> Sequence[object]:
    """A restore: when, which, from, to, as of, answer."""
    request = restore.request
    return (
        here.shown(restore.accepted_at),
        restore.request_id,
        request.get("sourceTable"),
        request.get("targetTable"),
        request.get("restoreTo"),
        restore.answer.detail_type if restore.answer else "under way",
    )


def drill_row(here: Here, drill: DrillRecord) -> Sequence[object]:
    """A drill: when, which, of what, as of, how long until it was proved, how many, answer."""
    answer = drill.answer
    seconds = answer.part("recoveryTime").get("seconds") if answer else None
    compared = answer.part("items").get("compared") if answer else None
    return (
        here.shown(drill.accepted_at),
        drill.drill_id,
        drill.table.get("name"),
        here.shown(parsed(drill.order.get("at"))),
        "-" if seconds is None else duration(float(seconds)),
        "-" if compared is None else f"{compared:,}",
        answer.detail_type if answer else "under way",
    )


def drills_since(here: Here, since: datetime, arn: str | None = None) -> list[DrillRecord]:
    """The drills that began since an instant, newest first, where the stack has drills."""
    if "EvidenceBucketName" not in here.stack.outputs:
        return []
    names = [name for name, _ in here.executions.names(here.stack.machine_arn(MACHINE), since)]
    found = here.ledger.drills(names)
    return [each for each in found if arn is None or each.table.get("arn") == arn]


def drill_json(drill: DrillRecord) -> Json:
    """A drill for programs: the order with its ``answer``."""
    return {**drill.order, "answer": drill.answer.json() if drill.answer else None}

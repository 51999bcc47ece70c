"""Answering for workflows that can't, and removing what they left."""

from datetime import timedelta
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.workflow import DrillExecutions
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.answers import DrillLastWord
from pitr_guardian.drills.reaper import Reaper
from pitr_guardian.logs import received_drill
from pitr_guardian.settings import number, setting
from pitr_guardian.wiring.drills.removing import ledger, removal
from pitr_guardian.wiring.drills.stack import ledger as answers
from pitr_guardian.wiring.stack import fact_bus


@cache
def last_word() -> DrillLastWord:
    """Who answers for workflows that can't, in this environment."""
    return DrillLastWord(
        ledger=answers(),
        workflow=_workflow(),
        facts=fact_bus(),
        clock=utc_now,
        log=received_drill,
    )


@cache
def reaper() -> Reaper:
    """Who removes what was left, in this environment."""
    return Reaper(
        ledger=ledger(),
        workflow=_workflow(),
        removal=removal(),
        restore_timeout=timedelta(hours=number("RESTORE_TIMEOUT_HOURS")),
        clock=utc_now,
        log=received_drill,
    )


def _workflow() -> DrillExecutions:
    return DrillExecutions(clients.stepfunctions(), setting("DRILL_STATE_MACHINE_ARN"))

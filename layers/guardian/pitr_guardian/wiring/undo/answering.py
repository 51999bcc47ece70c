"""The answers that aren't the plan or its end."""

from collections.abc import Mapping
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.undo.workflows import UndoExecutions
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.logs import received_undo
from pitr_guardian.settings import setting
from pitr_guardian.undo.answers import Failure, UndoLastWord
from pitr_guardian.undo.record import Phase
from pitr_guardian.wiring.stack import fact_bus
from pitr_guardian.wiring.undo.stack import ledger


@cache
def failure() -> Failure:
    """Who tells of failures in this environment."""
    return Failure(ledger=ledger(), facts=fact_bus(), clock=utc_now)


@cache
def last_word() -> UndoLastWord:
    """Who answers for workflows that can't, in this environment."""
    return UndoLastWord(
        ledger=ledger(),
        workflows=UndoExecutions(clients.stepfunctions(), _machines()),
        facts=fact_bus(),
        clock=utc_now,
        log=received_undo,
    )


@cache
def phases() -> Mapping[str, Phase]:
    """The phase of each state machine, by its ARN."""
    return {arn: phase for phase, arn in _machines().items()}


def _machines() -> dict[Phase, str]:
    return {
        Phase.PLAN: setting("PLAN_STATE_MACHINE_ARN"),
        Phase.APPLY: setting("APPLY_STATE_MACHINE_ARN"),
    }

"""Taking undo requests and approvals in."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.regions import AwsRegions
from pitr_guardian.aws.tables.tables import DynamoTables
from pitr_guardian.aws.undo.shapes import DynamoShapes
from pitr_guardian.aws.undo.workflows import UndoExecutions
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.logs import received_undo
from pitr_guardian.settings import home_from, setting
from pitr_guardian.undo.acceptance import UndoReception
from pitr_guardian.undo.approval import ApprovalReception
from pitr_guardian.undo.record import Phase
from pitr_guardian.wiring.stack import fact_bus, leave
from pitr_guardian.wiring.undo.stack import ledger


@cache
def reception() -> UndoReception:
    """The reception of this environment."""
    return UndoReception(
        tables=DynamoTables(clients.dynamodb),
        shapes=_shapes(),
        regions=AwsRegions(),
        workflows=_workflow(Phase.PLAN, "PLAN_STATE_MACHINE_ARN"),
        ledger=ledger(),
        facts=fact_bus(),
        home=home_from(),
        leave=leave(),
        pattern=setting("UNDO_TABLE_PATTERN"),
        clock=utc_now,
        log=received_undo,
    )


@cache
def approvals() -> ApprovalReception:
    """Who takes approvals in, in this environment."""
    return ApprovalReception(
        shapes=_shapes(),
        workflows=_workflow(Phase.APPLY, "APPLY_STATE_MACHINE_ARN"),
        ledger=ledger(),
        facts=fact_bus(),
        home=home_from(),
        leave=leave(),
        pattern=setting("UNDO_TABLE_PATTERN"),
        clock=utc_now,
        log=received_undo,
    )


def _shapes() -> DynamoShapes:
    return DynamoShapes(clients.dynamodb, clients.functions)


def _workflow(phase: Phase, name: str) -> UndoExecutions:
    return UndoExecutions(clients.stepfunctions(), {phase: setting(name)})

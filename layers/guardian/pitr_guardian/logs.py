"""The functions' logger: one structured line an event; the template sets level and service."""

from aws_lambda_powertools import Logger

from pitr_guardian.drift.decision import Decision
from pitr_guardian.tables.reference import TableRef

logger = Logger()


def decided(table: TableRef, decision: Decision) -> None:
    """Log a decision with its sentence."""
    logger.info(decision.reason, table=table.arn, action=decision.action.name.lower())


def received(request_id: str, outcome: str) -> None:
    """Log what became of a restore request."""
    logger.info("restore request %s", outcome, request_id=request_id)


def missing(note: str) -> None:
    """Log what a report had to leave out."""
    logger.warning(note)


def received_undo(plan_id: str, outcome: str) -> None:
    """Log what became of an undo request, or of an approval."""
    logger.info("undo %s", outcome, plan_id=plan_id)


def received_drill(drill_id: str, outcome: str) -> None:
    """Log what became of a drill request, of a drill or of its copy."""
    logger.info("drill %s", outcome, drill_id=drill_id)

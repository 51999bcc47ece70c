"""Fail: answers for a workflow in which something went wrong."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.undo.record import Phase
from pitr_guardian.wiring.undo.answering import failure


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle a plan's id, the phase, and the error as Step Functions caught it."""
    failure().fail(event["planId"], Phase(event["phase"]), event["error"], event["cause"])

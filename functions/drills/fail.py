"""Fail: answers for a workflow in which something went wrong, and no evidence was written."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.answering import failure


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle a drill's id, the error as Step Functions caught it, and whether the copy is gone."""
    failure().fail(event["drillId"], event["error"], event["cause"], removed=event["removed"])

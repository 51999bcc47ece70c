"""Abandoned: answers for undo workflows that were ended from outside and could not."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.answering import last_word, phases


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Step Functions Execution Status Change``, or a sweep's call, without detail."""
    if "detail" in event:
        detail = event["detail"]
        last_word().speak(detail, event["time"], phases()[detail["stateMachineArn"]])
    else:  # such events are best effort
        last_word().reconcile()

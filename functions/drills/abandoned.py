"""Abandoned: answers for drills that were ended from outside, and removes what they left."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.abandoned import last_word, reaper


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Step Functions Execution Status Change``, or an hourly call, without detail."""
    if "detail" in event:
        last_word().speak(event["detail"], event["time"])
    else:  # such events are best effort; and copies are to go, whoever died
        last_word().reconcile()
        reaper().reap()

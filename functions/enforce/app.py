"""Enforce: looks at the tables that the enforcement queue names, and puts protection right."""

import gc

# What is imported stays: looking for garbage among it is a tenth of a cold start, in vain.
gc.disable()

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.intake import Message, take
from pitr_guardian.logs import logger
from pitr_guardian.settings import number
from pitr_guardian.wiring.enforce import deletions, enforcer

gc.freeze()
gc.enable()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch; what couldn't be handled is delivered again, and only that.

    Not with Powertools' batch processor: it imports asyncio and every event that Powertools knows,
    which is a tenth of what a cold start may cost.
    """
    failed = []
    for record in event["Records"]:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        queue = record["eventSourceARN"].split(":")  # Lambda's own word for it
        message = Message(record["messageId"], record["body"], receives, queue[4], queue[1])
        try:
            take(message, enforcer(), deletions(), number("MAX_RECEIVES"))
        except Exception as problem:  # the batch's other messages go on
            logger.exception("message not handled: %s", problem, message_id=message.id)
            failed.append({"itemIdentifier": message.id})
    return {"batchItemFailures": failed}

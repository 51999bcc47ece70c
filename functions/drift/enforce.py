"""Enforce: looks at the tables that the enforcement queue names, and puts protection right."""

import gc

# What is imported stays: looking for garbage among it is a tenth of a cold start, in vain.
gc.disable()

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.drift.intake import (
    Message,
    leave,
    take,
)
from pitr_guardian.logs import logger
from pitr_guardian.settings import member_role_from, number
from pitr_guardian.wiring.enforce import (
    deadline,
    deletions,
    enforcer,
)

gc.freeze()
gc.enable()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch; what couldn't be handled is delivered again, and only that.

    Not with Powertools' batch processor: it imports asyncio and every event that Powertools knows,
    which is a tenth of what a cold start may cost.

    While AWS answers slowly there isn't time for all of a batch. It ends before its time-out with
    what it has done: a function that is killed takes every message of its batch with it.
    """
    deadline.begin(context.get_remaining_time_in_millis() / 1000)
    waiting = [_message(record) for record in event["Records"]]
    failed = []
    while waiting and deadline.leaves_time_for_a_look:
        message = waiting.pop(0)
        try:
            take(message, enforcer(), deletions(), number("MAX_RECEIVES"))
        except Exception as problem:  # the batch's other messages go on
            logger.exception("message not handled: %s", problem, message_id=message.id)
            failed.append(message)
    if waiting:
        logger.warning("AWS answers slowly: %d messages are put back", len(waiting))
        try:
            failed += leave(waiting, enforcer())
        except Exception as problem:  # what was done before is done
            logger.exception("messages not put back: %s", problem)
            failed += waiting
    return {"batchItemFailures": [{"itemIdentifier": message.id} for message in failed]}


def _message(record: dict[str, Any]) -> Message:
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    queue = record["eventSourceARN"].split(":")  # Lambda's own word for it
    has_members = bool(member_role_from())
    return Message(record["messageId"], record["body"], receives, queue[4], queue[1], has_members)

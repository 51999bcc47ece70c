"""Enforce: looks at the tables that the enforcement queue names, and puts protection right."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.intake import Message, take
from pitr_guardian.logs import logger
from pitr_guardian.settings import setting
from pitr_guardian.wiring.enforce import deletions, enforcer

_processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _handle(record: SQSRecord) -> None:
    message = Message(
        record.message_id, record.body, int(record.attributes.approximate_receive_count or 1)
    )
    try:
        take(message, enforcer(), deletions(), int(setting("MAX_RECEIVES")))
    except Exception as problem:  # whatever it is, the batch processor would swallow it
        logger.exception("message not handled: %s", problem, message_id=message.id)
        raise


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> Any:
    """Handle a batch; what couldn't be handled is delivered again, and only that."""
    return process_partial_response(event, _handle, _processor, context)

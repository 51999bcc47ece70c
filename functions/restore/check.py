"""Check: looks how far the workflow's restore is."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.restore.order import Order
from pitr_guardian.wiring.restore import (
    progress_check,
    warrants,
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the order, and the id of the table that it made."""
    order = warrants().confirm(Order.model_validate(event["order"]))
    return progress_check().check(order, event["tableId"])

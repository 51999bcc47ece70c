"""Survey: reads what a restore will leave behind, before it starts."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.restore.order import Order
from pitr_guardian.wiring.restore import (
    survey,
    warrants,
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the workflow's order."""
    return survey().take(warrants().confirm(Order.model_validate(event)))

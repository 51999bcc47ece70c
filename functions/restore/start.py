"""Start: asks DynamoDB for the restore that the workflow was started for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.definition import Definition
from pitr_guardian.logs import logger
from pitr_guardian.order import Order
from pitr_guardian.wiring.restore import restore_start


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the order, and what the survey found of the source."""
    return restore_start().start(
        Order.model_validate(event["order"]),
        Definition.model_validate(event["definition"]),
        event["recoveryPeriodInDays"],
    )

"""Start: asks DynamoDB for the restore that the workflow was started for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.restore.order import Order
from pitr_guardian.tables.definition import Definition
from pitr_guardian.wiring.restore import (
    restore_start,
    surveys,
    warrants,
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the order, and the new table's period; the survey kept the rest."""
    order = warrants().confirm(Order.model_validate(event["order"]))
    definition = Definition.model_validate(surveys().recall(order)["definition"])
    return restore_start().start(order, definition, event["recoveryPeriodInDays"])

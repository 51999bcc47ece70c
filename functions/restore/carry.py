"""Carry: puts one setting on the restored table that the restore left behind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.carrying import Restored
from pitr_guardian.logs import logger
from pitr_guardian.order import Order
from pitr_guardian.wiring.restore import porter


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the order, one of the survey's entries, and what the restore came to."""
    restored = Restored(event["tableId"], event["restoredTo"], event["recoveryPeriodInDays"])
    return porter().carry(Order.model_validate(event["order"]), event["entry"], restored)

"""Carry: puts one setting on the restored table that the restore left behind."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.restore.carrying import Restored
from pitr_guardian.restore.order import Order
from pitr_guardian.wiring.restore import (
    porter,
    surveys,
    warrants,
)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the order, the name of one of the survey's settings, and what the restore came to."""
    order = warrants().confirm(Order.model_validate(event["order"]))
    [entry] = (
        each for each in surveys().recall(order)["settings"] if each["setting"] == event["setting"]
    )
    restored = Restored(event["tableId"], event["restoredTo"], event["recoveryPeriodInDays"])
    return porter().carry(order, entry, restored, event["cursor"])

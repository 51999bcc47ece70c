"""Carry: puts back on the restored table what a restore doesn't carry over."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian import wiring
from pitr_guardian.logs import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle ``order``, the workflow's input, and the recovery period for the new table."""
    return wiring.restoration().protect(event["order"], event["recoveryPeriodInDays"])

"""Settle: says whether all items are settled, or another round is needed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import settling


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, a round, and how many shards there are."""
    return settling().settle(event["drillId"], event["round"], event["shards"])

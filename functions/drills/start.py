"""Start: asks DynamoDB for the exports of a drill's round."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import round_start


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, and a round."""
    return round_start().start(event["drillId"], event["round"])

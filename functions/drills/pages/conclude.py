"""Conclude: keeps a drill's evidence, and tells what it came to."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.concluding import conclusion


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, whether its copy is gone, and what failed on the way."""
    return conclusion().conclude(
        event["drillId"], event["error"], event["cause"], removed=event["removed"]
    )

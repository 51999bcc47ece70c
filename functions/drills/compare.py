"""Compare: says of each item of a shard whether the copy has it right."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import comparison


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, a round, and a shard's number."""
    return comparison().compare(event["drillId"], event["round"], event["shard"])

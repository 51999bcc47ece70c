"""Read: reads a part of a table and of its copy."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import part_reader


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, the part's number, and how many shards there are."""
    return part_reader().read(event["drillId"], event["segment"], event["shards"])

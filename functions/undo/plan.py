"""Plan: says of each item of a shard what is to become of it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.planning import planner


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id and a shard's number."""
    return planner().plan(event["planId"], event["shard"])

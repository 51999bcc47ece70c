"""Assemble: puts a plan together of its shards, and tells of it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.concluding import assembly


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id, how many shards it has, and what its exports billed."""
    return assembly().assemble(event["planId"], event["shards"], event["exportedBytes"])

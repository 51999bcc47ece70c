"""Shard: deals the items of one exported file out to shards."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.planning import sharder


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id, a line of an export's list of files, and how many shards there are."""
    return sharder().shard(event["planId"], event["export"], event["file"], event["shards"])

"""Search: looks in one exported file for the items that a drill compares."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import search


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, a round, a line of an export's list of files, and how many shards."""
    return search().search(
        event["drillId"], event["round"], event["export"], event["file"], event["shards"]
    )

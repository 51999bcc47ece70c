"""Exported: looks how far the exports of a drill's round are."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.proving import round_check


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a drill's id, a round, and its exports."""
    return round_check().check(event["drillId"], event["round"], event["exports"])

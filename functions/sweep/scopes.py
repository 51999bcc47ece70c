"""Scopes: lists what there is to sweep in a round, and tells of members that are silent."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.sweep import listing


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a round that begins, the first of which is 1."""
    listed = listing().run(event["sweepId"], event["round"])
    told = asdict(listed)
    logger.info("round listed", sweep_id=event["sweepId"], round=event["round"], listed=told)
    told["atOnce"] = told.pop("at_once")
    return told

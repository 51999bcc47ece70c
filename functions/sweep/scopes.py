"""Scopes: lists what there is to sweep, and tells of members that are silent."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.sweep import listing


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a sweep that begins."""
    written = listing().run(event["sweepId"])
    logger.info("scopes listed", sweep_id=event["sweepId"], scopes=written.count)
    return {"bucket": written.bucket, "key": written.key, "count": written.count}

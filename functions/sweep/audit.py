"""Audit: looks at a stretch of a region's tables, and says how they stand."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.sweep.audit import Stretch
from pitr_guardian.wiring.sweep import audit


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one stretch; the workflow comes back for the next."""
    tally = audit().run(Stretch.model_validate(event)).model_dump(by_alias=True)
    logger.info(
        "stretch audited",
        account=event["account"],
        region=event["region"],
        part=event["part"],
        tally=tally,
    )
    return tally

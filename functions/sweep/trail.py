"""Trail: looks whether CloudTrail tells of what happens in a region, and tells where it doesn't."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.sweep import trail_check


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one region."""
    watch = trail_check().run(event["region"]).model_dump(by_alias=True)
    logger.info("trail checked", region=event["region"], watch=watch)
    return watch

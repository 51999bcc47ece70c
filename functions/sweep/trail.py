"""Trail: looks whether CloudTrail tells of what happens in a scope, and tells where it doesn't."""

from dataclasses import replace
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.settings import home_from
from pitr_guardian.wiring.sweep import trail_check


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one scope."""
    scope = replace(home_from(), account=event["account"], region=event["region"])
    watch = trail_check().run(scope).model_dump(by_alias=True, mode="json")
    logger.info("trail checked", account=scope.account, region=scope.region, watch=watch)
    return watch

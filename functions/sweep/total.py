"""Total: adds up what came of a sweep, scope by scope."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.sweep.summing import Done
from pitr_guardian.wiring.sweep import summing


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a sweep whose scopes are done."""
    totals = summing().run(Done.model_validate(event))
    return totals.model_dump(by_alias=True, mode="json")

"""Apply: carries out a part of an approved plan, as far as one invocation comes."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.applying import applier


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id, a part's name, and the line to go on from."""

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    return applier().apply(event["planId"], event["part"], event["offset"], seconds_left)

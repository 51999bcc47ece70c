"""Refuse: answers drill requests where the stack drills nothing."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.off import switched_off


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Drill Requested`` event."""
    switched_off().refuse(event["detail"], event["id"])

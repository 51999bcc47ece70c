"""Due: begins the drills that tables' tags ask for, once an hour."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.choosing import due_drills


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> int:
    """Handle an hourly call, without detail; give how many drills were begun."""
    return due_drills().begin()

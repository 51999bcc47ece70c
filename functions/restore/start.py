"""Start: asks DynamoDB for the restore that the workflow was started for."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian import wiring
from pitr_guardian.logs import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the workflow's input."""
    return wiring.restoration().start(event)

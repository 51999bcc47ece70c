"""Start: asks DynamoDB for the exports of a plan, once each."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.exporting import export_start


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id."""
    return export_start().start(event["planId"])

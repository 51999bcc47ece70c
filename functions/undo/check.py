"""Check: looks how far a plan's exports are."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.exporting import export_check


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a plan's id, and the exports that were started for it."""
    return export_check().check(event["planId"], event["exports"])

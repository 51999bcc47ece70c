"""Report: writes what a sweep found, as a page and as data, to the report bucket."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.report.sweep import Ended
from pitr_guardian.wiring.report import reporter


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Handle a sweep that is done."""
    return {"reportUri": reporter().write_of(Ended.model_validate(event).sweep_id)}

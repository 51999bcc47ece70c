"""Approve: takes an approval of a plan from the request bus in, or rejects it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.receiving import approvals


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Undo Approved`` event; a fault on AWS's side makes Lambda try again."""
    logger.append_keys(account=event["account"], event_id=event["id"])
    approvals().receive(event["detail"], event["id"], event["account"])

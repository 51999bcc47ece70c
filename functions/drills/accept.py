"""Accept: takes a drill request from the request bus in, or rejects it."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.drills.receiving import reception


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Drill Requested`` event; a fault on AWS's side makes Lambda try again."""
    # What the request says of its requester is the requester's word; these two are EventBridge's.
    logger.append_keys(account=event["account"], event_id=event["id"])
    reception().receive(event["detail"], event["id"], event["account"])

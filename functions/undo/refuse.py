"""Refuse: answers undo requests and approvals where the stack may touch no items."""

from typing import Any, Literal

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.wiring.undo.off import switched_off


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one ``Undo Requested`` or ``Undo Approved`` event."""
    logger.append_keys(account=event["account"], event_id=event["id"])
    asks_for: Literal["undo", "approval"]
    asks_for = "approval" if event["detail-type"] == "Undo Approved" else "undo"
    switched_off().refuse(asks_for, event["detail"], event["id"])

"""Announce: puts a fact from the fact bus into words, for the alert topic's subscribers."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian import wiring
from pitr_guardian.announcement import announcement_of
from pitr_guardian.logs import logger


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one fact."""
    wiring.alert_topic().announce(announcement_of(event["detail-type"], event["detail"]))

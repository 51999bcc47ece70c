"""Announce: puts facts and alarms into words for the alert topic's subscribers, and counts them."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.alarm import fact_in
from pitr_guardian.announcement import announcement_of
from pitr_guardian.logs import logger
from pitr_guardian.measures import measures_of
from pitr_guardian.metrics import emit
from pitr_guardian.wiring.announce import alert_topic


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one fact, or one alarm that went on or off."""
    detail_type, detail = fact_in(event)
    announcement = announcement_of(detail_type, detail, event.get("account"), event.get("region"))
    alert_topic().announce(announcement)
    # Last: what is tried again, because it couldn't be announced, is counted once all the same.
    emit(measures_of(detail_type, detail), str(detail.get("id")))

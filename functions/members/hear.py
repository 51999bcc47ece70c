"""Hear: takes the heartbeats of members."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.logs import logger
from pitr_guardian.members.hearing import heartbeat_from
from pitr_guardian.wiring.members import hearing


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one heartbeat."""
    heartbeat = heartbeat_from(event)
    hearing().hear(heartbeat)
    logger.info("heartbeat heard", account=heartbeat.account, region=heartbeat.region)

"""Announce: puts facts and alarms into words for subscribers, folds floods of them, and counts."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from pitr_guardian.facts.alarm import (
    NotOursError,
    Own,
    fact_in,
)
from pitr_guardian.facts.digest import Order
from pitr_guardian.facts.measures import measures_of
from pitr_guardian.facts.metrics import emit
from pitr_guardian.logs import logger
from pitr_guardian.settings import setting
from pitr_guardian.wiring.announce import announcer, digester


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """Handle one fact, one alarm that went on or off, or one digest that is due.

    What isn't the stack's own is not told.
    """
    if "Records" in event:
        [record] = event["Records"]
        logger.info(digester().digest(Order.model_validate_json(record["body"])))
        return
    own = Own.of_function(context.invoked_function_arn, setting("STACK_NAME"))
    try:
        detail_type, detail = fact_in(event, own)
    except NotOursError as problem:  # it never will be: no reason to try again
        logger.error("not announced: %s", problem)
        return
    outcome = announcer().announce(detail_type, detail, own.account, own.region)
    logger.info(outcome, extra={"fact": detail.get("id")})
    # Last: what is tried again, because it couldn't be announced, is counted once all the same.
    emit(measures_of(detail_type, detail), str(detail.get("id")))

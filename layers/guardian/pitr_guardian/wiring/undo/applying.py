"""Writing what a plan says, and reading it again."""

import time
from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.undo.items import DynamoItems
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.settings import number
from pitr_guardian.undo.applier import Applier
from pitr_guardian.undo.verifier import Verifier
from pitr_guardian.wiring.undo.stack import bucket, ledger


@cache
def applier() -> Applier:
    """Who writes items in this environment."""
    return Applier(
        ledger=ledger(),
        objects=bucket(),
        items=_items(),
        units_per_second=number("WRITE_UNITS_PER_SECOND") / number("WRITERS_AT_ONCE"),
        clock=utc_now,
        ticks=time.monotonic,
        sleep=time.sleep,
    )


@cache
def verifier() -> Verifier:
    """Who reads items again in this environment."""
    return Verifier(ledger=ledger(), objects=bucket(), items=_items())


def _items() -> DynamoItems:
    return DynamoItems(clients.dynamodb, time.sleep)

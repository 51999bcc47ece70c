"""Removing copies."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.copies import DynamoCopies
from pitr_guardian.aws.ledger.drill_copies import CopyLedger
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.removal import CopyRemoval
from pitr_guardian.settings import setting


@cache
def removal() -> CopyRemoval:
    """Who removes copies in this environment."""
    return CopyRemoval(ledger=ledger(), copies=DynamoCopies(clients.dynamodb), clock=utc_now)


def ledger() -> CopyLedger:
    """The ledger, as far as it is about copies."""
    return CopyLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))

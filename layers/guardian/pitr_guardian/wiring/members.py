"""Members' part: heartbeats, and the scopes of a sweep."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.members import MemberLedger
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.members.hearing import Hearing
from pitr_guardian.settings import home_from, setting
from pitr_guardian.wiring.stack import fact_bus


@cache
def hearing() -> Hearing:
    """Who takes heartbeats in this environment."""
    return Hearing(register=_ledger(), facts=fact_bus(), home=home_from(), clock=utc_now)


def _ledger() -> MemberLedger:
    return MemberLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))

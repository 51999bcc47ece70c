"""The first word of a drill, and the last where there is no evidence."""

from functools import cache

from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.answers import DrillFailure, DrillGreeting
from pitr_guardian.wiring.drills.stack import ledger
from pitr_guardian.wiring.stack import fact_bus


@cache
def greeting() -> DrillGreeting:
    """Who tells that a drill began, in this environment."""
    return DrillGreeting(ledger=ledger(), facts=fact_bus())


@cache
def failure() -> DrillFailure:
    """Who tells of failures in this environment."""
    return DrillFailure(ledger=ledger(), facts=fact_bus(), clock=utc_now)

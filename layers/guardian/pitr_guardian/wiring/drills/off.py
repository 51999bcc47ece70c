"""Refusing drills where the stack drills nothing."""

from functools import cache

from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.switched_off import DrillsSwitchedOff
from pitr_guardian.logs import received_drill
from pitr_guardian.settings import home_from
from pitr_guardian.wiring.drills.stack import ledger
from pitr_guardian.wiring.stack import fact_bus


@cache
def switched_off() -> DrillsSwitchedOff:
    """Who refuses drills, in this environment."""
    return DrillsSwitchedOff(
        ledger=ledger(), facts=fact_bus(), home=home_from(), clock=utc_now, log=received_drill
    )

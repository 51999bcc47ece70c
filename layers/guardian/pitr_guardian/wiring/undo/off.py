"""Refusing undos where the stack may touch no items."""

from functools import cache

from pitr_guardian.basics.instants import utc_now
from pitr_guardian.logs import received_undo
from pitr_guardian.settings import home_from
from pitr_guardian.undo.switched_off import SwitchedOff
from pitr_guardian.wiring.stack import fact_bus
from pitr_guardian.wiring.undo.stack import ledger


@cache
def switched_off() -> SwitchedOff:
    """Who refuses undos, in this environment."""
    return SwitchedOff(
        ledger=ledger(), facts=fact_bus(), home=home_from(), clock=utc_now, log=received_undo
    )

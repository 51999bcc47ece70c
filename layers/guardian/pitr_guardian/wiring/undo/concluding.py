"""The plan as a whole, and what was done as a whole; these two write pages."""

from datetime import timedelta
from functools import cache

from pitr_guardian.basics.instants import utc_now
from pitr_guardian.settings import number
from pitr_guardian.undo.assembly import Assembly
from pitr_guardian.undo.finish import Finish
from pitr_guardian.undo.page import plan_page, report_page
from pitr_guardian.wiring.stack import fact_bus
from pitr_guardian.wiring.undo.stack import bucket, ledger


@cache
def assembly() -> Assembly:
    """Who puts plans together in this environment."""
    objects = bucket()
    return Assembly(
        ledger=ledger(),
        objects=objects,
        facts=fact_bus(),
        page=plan_page,
        uri_of=objects.uri_of,
        good_for=timedelta(hours=number("PLAN_HOURS")),
        units_per_second=number("WRITE_UNITS_PER_SECOND"),
        clock=utc_now,
    )


@cache
def finish() -> Finish:
    """Who ends undos in this environment."""
    objects = bucket()
    return Finish(
        ledger=ledger(),
        objects=objects,
        facts=fact_bus(),
        page=report_page,
        uri_of=objects.uri_of,
        clock=utc_now,
    )

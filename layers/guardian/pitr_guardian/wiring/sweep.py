"""The sweep's part: the audit of a region, and the check for trails."""

from functools import cache, partial
from time import monotonic, sleep

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.report.bucket import ReportBucket
from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.aws.sweep.trails import CloudTrails
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.settings import (
    home_from,
    number,
    policy_from,
    setting,
)
from pitr_guardian.sweep.audit import Audit
from pitr_guardian.sweep.team import Threads
from pitr_guardian.sweep.trail import TrailCheck
from pitr_guardian.sweep.walk import Bounds
from pitr_guardian.wiring.stack import (
    fact_bus,
    looks,
)


@cache
def audit() -> Audit:
    """The audit of this environment."""
    return Audit(
        catalogue=DynamoCatalogue(clients.dynamodb_once, clients.tagging),
        sightings=_sweep_ledger(),
        requests=looks(),
        parts=ReportBucket(clients.s3(), setting("REPORT_BUCKET")),
        policy=policy_from(),
        home=home_from(),
        bounds=Bounds(number("SWEEP_CALLS_PER_SECOND"), number("AUDIT_SECONDS")),
        clock=utc_now,
        ticks=monotonic,
        sleep=sleep,
        team=partial(Threads, clients.AT_ONCE),
    )


@cache
def trail_check() -> TrailCheck:
    """The check for trails of this environment."""
    return TrailCheck(
        trails=CloudTrails(clients.cloudtrail),
        warnings=_sweep_ledger(),
        facts=fact_bus(),
        home=home_from(),
        clock=utc_now,
    )


def _sweep_ledger() -> SweepLedger:
    return SweepLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))

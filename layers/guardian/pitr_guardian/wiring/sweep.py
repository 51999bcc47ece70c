"""The sweep's part: what there is to sweep, the audit of a scope, its trail, and the sum."""

from functools import cache, partial
from time import monotonic, sleep

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.accounts import AccountLedger
from pitr_guardian.aws.ledger.members import MemberLedger
from pitr_guardian.aws.ledger.sweeps import SweepLedger
from pitr_guardian.aws.report.bucket import ReportBucket
from pitr_guardian.aws.sweep.accounts import OrganizationAccounts
from pitr_guardian.aws.sweep.catalogue import DynamoCatalogue
from pitr_guardian.aws.sweep.concurrency import LambdaConcurrency
from pitr_guardian.aws.sweep.trails import CloudTrails
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.members.scopes import Scopes
from pitr_guardian.settings import (
    home_from,
    member_role_from,
    names,
    number,
    policy_from,
    setting,
)
from pitr_guardian.sweep.audit import Audit
from pitr_guardian.sweep.listing import Listing
from pitr_guardian.sweep.summing import Summing
from pitr_guardian.sweep.team import Threads
from pitr_guardian.sweep.trail import TrailCheck
from pitr_guardian.sweep.walk import Bounds
from pitr_guardian.wiring.stack import (
    closed_doors,
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
        parts=_bucket(),
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
        closed=closed_doors(),
        clock=utc_now,
    )


@cache
def listing() -> Listing:
    """Who lists what there is to sweep, in this environment."""
    scopes = Scopes(
        roll=MemberLedger(clients.own_dynamodb(), setting("LEDGER_TABLE")),
        has_members=bool(member_role_from()),
        facts=fact_bus(),
        home=home_from(),
        regions=names("SWEEP_REGIONS"),
        clock=utc_now,
    )
    return Listing(
        scopes=scopes,
        lists=_bucket(),
        notes=_sweep_ledger(),
        concurrency=LambdaConcurrency(clients.own_functions),
    )


@cache
def summing() -> Summing:
    """Who adds up, in this environment."""
    return Summing(
        results=_sweep_ledger(),
        summaries=_bucket(),
        accounts=OrganizationAccounts(clients.organizations),
        kept=AccountLedger(clients.own_dynamodb, setting("LEDGER_TABLE")),
        account=home_from().account,
        has_members=bool(member_role_from()),
    )


def _bucket() -> ReportBucket:
    return ReportBucket(clients.s3(), setting("REPORT_BUCKET"))


def _sweep_ledger() -> SweepLedger:
    return SweepLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))

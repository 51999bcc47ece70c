"""The end of a drill; with its pages, for which it imports Jinja2."""

from functools import cache

from pitr_guardian.aws import clients
from pitr_guardian.aws.drills.evidence_bucket import EvidenceBucket
from pitr_guardian.aws.ledger.evidence import EvidenceLedger
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.drills.conclusion import DrillConclusion
from pitr_guardian.drills.evidence.keeping import Keeper
from pitr_guardian.drills.evidence.page import evidence_page
from pitr_guardian.drills.evidence.year_page import year_page
from pitr_guardian.drills.evidence.yearbook import Yearbook
from pitr_guardian.settings import number, setting
from pitr_guardian.wiring.drills.stack import bucket, ledger
from pitr_guardian.wiring.stack import fact_bus


@cache
def conclusion() -> DrillConclusion:
    """Who keeps evidence and answers drills, in this environment."""
    kept = EvidenceBucket(clients.s3(), setting("EVIDENCE_BUCKET"))
    chain = EvidenceLedger(clients.own_dynamodb(), setting("LEDGER_TABLE"))
    years = number("EVIDENCE_RETENTION_YEARS")
    return DrillConclusion(
        ledger=ledger(),
        objects=bucket(),
        keeper=Keeper(
            chain=chain,
            objects=kept,
            page=evidence_page,
            bucket=setting("EVIDENCE_BUCKET"),
            retention_years=years,
        ),
        yearbook=Yearbook(ledger=chain, objects=kept, page=year_page, clock=utc_now),
        facts=fact_bus(),
        uri_of=kept.uri_of,
        clock=utc_now,
    )

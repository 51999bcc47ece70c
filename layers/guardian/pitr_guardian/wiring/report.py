"""The report function's part, the only one that imports Jinja2."""

from pitr_guardian.aws import clients
from pitr_guardian.aws.ledger.history import LedgerHistory
from pitr_guardian.aws.report.bucket import ReportBucket
from pitr_guardian.basics.instants import utc_now
from pitr_guardian.logs import missing
from pitr_guardian.report.page import page
from pitr_guardian.report.reporter import Reporter
from pitr_guardian.settings import setting


def reporter() -> Reporter:
    """The reporter of this environment; a sweep is hourly, nothing is gained by keeping it."""
    return Reporter(
        archive=ReportBucket(clients.s3(), setting("REPORT_BUCKET")),
        history=LedgerHistory(clients.own_dynamodb(), setting("LEDGER_TABLE")),
        page=page,
        clock=utc_now,
        log=missing,
    )

"""The guardian's functions in processes of their own, with the template's environment."""

from __future__ import annotations

from typing import Any

from benchmarks.front.account import ACCOUNT, BUCKET, BUS, LEDGER, QUEUE, REGION
from benchmarks.front.process import Front
from benchmarks.processes import measured

UNLIMITED = 100_000  # calls a second: the sweep's pace never matters
AUDIT_SECONDS = 140  # the template's


def audited(front: Front, sweep_id: str, per_second: int = UNLIMITED) -> Any:
    """Sweep all tables, at that pace; what was found and what it took."""
    return _run(front, "audit", sweep_id, per_second)


def reported(front: Front, sweep_id: str) -> Any:
    """Write the report of a sweep; what it took."""
    return _run(front, "report", sweep_id, UNLIMITED)


def warm_up(front: Front) -> None:
    """Let the ledger hear of the table that stands for all: then no sweep has news for it."""
    front.have(1)
    audited(front, "warm-up")


def _run(front: Front, function: str, sweep_id: str, per_second: int) -> Any:
    variables = {
        **environment_of_functions(front),
        "SWEEP_CALLS_PER_SECOND": str(per_second),
        "AUDIT_SECONDS": str(AUDIT_SECONDS),
    }
    return measured("guardian.py", function, sweep_id, variables=variables)


def environment_of_functions(front: Front) -> dict[str, str]:
    """What the template tells every function that speaks to the front."""
    return {
        "AWS_ENDPOINT_URL": front.endpoint,
        "MODE": "remediate",
        "RECOVERY_PERIOD_IN_DAYS": "35",
        "EXEMPT_TAG_KEY": "pitr-guardian:exempt",
        "RECOVERY_PERIOD_TAG_KEY": "pitr-guardian:recovery-days",
        "BIRTH_GRACE_MINUTES": "60",
        "MINIMUM_RECOVERY_PERIOD_IN_DAYS": "1",
        "MAXIMUM_EXEMPTION_DAYS": "0",
        "PARTITION": "aws",
        "ACCOUNT": ACCOUNT,
        "LEDGER_TABLE": LEDGER,
        "ENFORCEMENT_QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{QUEUE}",
        "REPORT_BUCKET": BUCKET,
        "FACT_BUS": BUS,
        "MAX_RECEIVES": "5",
        "RESTORE_SOURCE_PATTERN": "*",
        "RESTORE_TARGET_PATTERN": "*",
    }
